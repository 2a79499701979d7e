#include "host/ec_key.h"

#include <algorithm>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "host/openssl_error.h"

namespace ferry::host {
namespace {

using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using Point = std::unique_ptr<EC_POINT, Deleter<EC_POINT_free>>;
using Group = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using Key = std::shared_ptr<EVP_PKEY>;

constexpr std::size_t kCoordinate = 32;

Key own(EVP_PKEY* key) {
  return {key, EVP_PKEY_free};
}

bool is_p256(EVP_PKEY* key) {
  std::array<char, 32> group{};
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
         std::string_view(group.data()) == SN_X9_62_prime256v1;
}

Bio read_only(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// A file that holds a key somewhere in it, such as a product file, is no key file.
bool begins_as_pem(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return text.starts_with("-----BEGIN ");
}

// A key file with a passphrase is refused rather than asked for on a terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

template <typename Write>
std::string pem_of(Write write) {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(write(bio.get()) == 1, "write a key");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Key from_parts(const P256PublicKey& point, const BIGNUM* scalar) {
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  if (scalar != nullptr) {
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar);
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  require(EVP_PKEY_fromdata_init(context.get()) == 1, "read a key");
  const int selection = scalar != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  require(EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) == 1, "accept a P-256 key");
  return own(key);
}

P256PublicKey point_of(EVP_PKEY* key) {
  P256PublicKey point{};
  std::size_t size = 0;
  require(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) == 1 &&
              size == point.size() && point[0] == 4,
          "give a public key");
  return point;
}

Bytes fixed_size(const BIGNUM* number) {
  Bytes bytes(kCoordinate);
  require(BN_bn2binpad(number, bytes.data(), static_cast<int>(bytes.size())) > 0, "give a number");
  return bytes;
}

}  // namespace

EcPublicKey EcPublicKey::from_pem(std::string_view pem, std::string_view name) {
  const Bio bio = read_only(pem);
  const Key key = own(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!key || !begins_as_pem(pem)) {
    const bool is_private = pem.find("PRIVATE KEY-----") != std::string_view::npos;
    throw Failure("{}: {}", name,
                  is_private ? "this is a private key; give the public one (release.pub)"
                             : "no public key in PEM form; make a key pair with: ferry keys new DIR");
  }
  if (!is_p256(key.get())) {
    throw Failure("{}: not a P-256 key; make a key pair with: ferry keys new DIR", name);
  }
  return EcPublicKey(key);
}

EcPublicKey EcPublicKey::from_point(const P256PublicKey& point) {
  return EcPublicKey(from_parts(point, nullptr));
}

std::string EcPublicKey::to_pem() const {
  return pem_of([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key_.get()); });
}

P256PublicKey EcPublicKey::point() const {
  // A key file may hold the compressed point.
  EVP_PKEY_set_utf8_string_param(key_.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
  return point_of(key_.get());
}

bool EcPublicKey::verify(ByteView message, ByteView signature) const {
  if (signature.size() != 2 * kCoordinate) {
    return false;
  }
  const Signature parts(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(signature.data(), kCoordinate, nullptr);
  BIGNUM* s = BN_bin2bn(signature.data() + kCoordinate, kCoordinate, nullptr);
  require(ECDSA_SIG_set0(parts.get(), r, s) == 1, "read a signature");
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts.get(), &der);
  require(size > 0, "read a signature");
  const DigestContext context(EVP_MD_CTX_new());
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), der, static_cast<std::size_t>(size), message.data(), message.size()) == 1;
  OPENSSL_free(der);
  ERR_clear_error();
  return good;
}

EcPrivateKey EcPrivateKey::generate() {
  return EcPrivateKey(own(EVP_EC_gen(SN_X9_62_prime256v1)));
}

EcPrivateKey EcPrivateKey::from_pem(std::string_view pem, std::string_view name) {
  const Bio bio = read_only(pem);
  const Key key = own(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!key || !begins_as_pem(pem)) {
    const bool is_public = pem.find("PUBLIC KEY-----") != std::string_view::npos;
    throw Failure("{}: {}", name,
                  is_public ? "this is a public key; the private one is needed"
                            : "no private key in PEM form without passphrase");
  }
  if (!is_p256(key.get())) {
    throw Failure("{}: not a P-256 key; make a key pair with: ferry keys new DIR", name);
  }
  return EcPrivateKey(key);
}

EcPrivateKey EcPrivateKey::from_scalar(const P256PrivateKey& scalar) {
  const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Number number(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr));
  const Point point(EC_POINT_new(group.get()));
  require(EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) == 1, "compute a public key");
  P256PublicKey encoded{};
  require(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(), encoded.size(),
                             nullptr) == encoded.size(),
          "compute a public key");
  return EcPrivateKey(from_parts(encoded, number.get()));
}

std::string EcPrivateKey::to_pem() const {
  return pem_of(
      [&](BIO* bio) { return PEM_write_bio_PKCS8PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

P256PrivateKey EcPrivateKey::scalar() const {
  BIGNUM* raw = nullptr;
  require(EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_PRIV_KEY, &raw) == 1, "give a private key");
  const Number number(raw);
  const Bytes bytes = fixed_size(number.get());
  P256PrivateKey scalar{};
  copy(bytes, scalar);
  return scalar;
}

EcPublicKey EcPrivateKey::public_key() const {
  EVP_PKEY_set_utf8_string_param(key_.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
  return EcPublicKey::from_point(point_of(key_.get()));
}

Bytes EcPrivateKey::sign(ByteView message) const {
  const DigestContext context(EVP_MD_CTX_new());
  require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1, "sign");
  std::size_t size = 0;
  require(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1, "sign");
  Bytes der(size);
  require(EVP_DigestSign(context.get(), der.data(), &size, message.data(), message.size()) == 1, "sign");
  const unsigned char* at = der.data();
  const Signature parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
  require(parts != nullptr, "sign");
  Bytes signature = fixed_size(ECDSA_SIG_get0_r(parts.get()));
  const Bytes s = fixed_size(ECDSA_SIG_get0_s(parts.get()));
  signature.insert(signature.end(), s.begin(), s.end());
  return signature;
}

Bytes EcPrivateKey::agree(const EcPublicKey& peer) const {
  const KeyContext context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  require(EVP_PKEY_derive_init(context.get()) == 1, "agree on a key");
  require(EVP_PKEY_derive_set_peer(context.get(), peer.key_.get()) == 1, "agree on a key");
  Bytes secret(kCoordinate);
  std::size_t size = secret.size();
  require(EVP_PKEY_derive(context.get(), secret.data(), &size) == 1 && size == secret.size(), "agree on a key");
  return secret;
}

}  // namespace ferry::host
