#include "host/crypto.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "host/openssl_error.h"

namespace ferry::host {
namespace {

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF, Deleter<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Deleter<EVP_KDF_CTX_free>>;

template <typename Digest>
Digest digest(const EVP_MD* algorithm, ByteView bytes) {
  Digest result{};
  unsigned int size = 0;
  require(EVP_Digest(bytes.data(), bytes.size(), result.data(), &size, algorithm, nullptr) == 1, "hash");
  require(size == result.size(), "hash");
  return result;
}

// OpenSSL counts in int; a file may be larger.
constexpr std::size_t kPiece = std::size_t{1} << 24;

Bytes encrypt(CipherContext& context, ByteView bytes, std::size_t extra) {
  Bytes out(bytes.size() + extra);
  std::size_t done = 0;
  for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
    const ByteView piece = bytes.subspan(at, std::min(kPiece, bytes.size() - at));
    int size = 0;
    require(
        EVP_EncryptUpdate(context.get(), out.data() + done, &size, piece.data(), static_cast<int>(piece.size())) == 1,
        "encrypt");
    done += static_cast<std::size_t>(size);
  }
  out.resize(done);
  return out;
}

}  // namespace

void fill_random(ByteSpan bytes) {
  require(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "give random bytes");
}

Sha256Digest sha256(ByteView bytes) {
  return digest<Sha256Digest>(EVP_sha256(), bytes);
}

struct RunningSha256::Context {
  std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> digest{EVP_MD_CTX_new()};
};

RunningSha256::RunningSha256() : context_(std::make_unique<Context>()) {
  require(EVP_DigestInit_ex(context_->digest.get(), EVP_sha256(), nullptr) == 1, "hash");
}

RunningSha256::~RunningSha256() = default;

void RunningSha256::update(ByteView bytes) {
  require(EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size()) == 1, "hash");
}

Sha256Digest RunningSha256::finish() {
  Sha256Digest result{};
  require(EVP_DigestFinal_ex(context_->digest.get(), result.data(), nullptr) == 1, "hash");
  return result;
}

std::array<std::uint8_t, 20> sha1(ByteView bytes) {
  return digest<std::array<std::uint8_t, 20>>(EVP_sha1(), bytes);
}

Bytes aes_ctr(const AesKey& key, const AesBlock& iv, ByteView bytes) {
  CipherContext context(EVP_CIPHER_CTX_new());
  require(EVP_EncryptInit_ex2(context.get(), EVP_aes_128_ctr(), key.data(), iv.data(), nullptr) == 1, "start AES-CTR");
  return encrypt(context, bytes, 0);
}

std::optional<Bytes> open_ccm(const AesKey& key, const crypto::CcmNonce& nonce, ByteView covered, ByteView sealed) {
  if (sealed.size() < crypto::kCcmTagSize) {
    return std::nullopt;
  }
  const ByteView in = sealed.first(sealed.size() - crypto::kCcmTagSize);
  Bytes tag = to_bytes(sealed.last(crypto::kCcmTagSize));
  const CipherContext owner(EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX* context = owner.get();
  int size = 0;
  require(EVP_DecryptInit_ex(context, EVP_aes_128_ccm(), nullptr, nullptr, nullptr) == 1, "start AES-CCM");
  require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce.size()), nullptr) == 1,
          "start AES-CCM");
  require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), tag.data()) == 1,
          "start AES-CCM");
  require(EVP_DecryptInit_ex(context, nullptr, nullptr, key.data(), nonce.data()) == 1, "start AES-CCM");
  require(EVP_DecryptUpdate(context, nullptr, &size, nullptr, static_cast<int>(in.size())) == 1, "start AES-CCM");
  require(EVP_DecryptUpdate(context, nullptr, &size, covered.data(), static_cast<int>(covered.size())) == 1,
          "start AES-CCM");
  Bytes out(in.size() + 1);  // never empty: OpenSSL would take a null for something else
  if (EVP_DecryptUpdate(context, out.data(), &size, in.data(), static_cast<int>(in.size())) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  out.resize(in.size());
  return out;
}

Bytes wrap_key(const AesKey& key_encryption_key, const AesKey& key) {
  CipherContext context(EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  require(EVP_EncryptInit_ex2(context.get(), EVP_aes_128_wrap(), key_encryption_key.data(), nullptr, nullptr) == 1,
          "start AES key wrap");
  return encrypt(context, key, 8);
}

AesKey hkdf_sha256(ByteView secret, ByteView info) {
  const Kdf kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const KdfContext context(EVP_KDF_CTX_new(kdf.get()));
  std::string hash = "SHA256";
  Bytes secret_copy = to_bytes(secret);
  Bytes info_copy = to_bytes(info);
  const std::array<OSSL_PARAM, 4> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret_copy.data(), secret_copy.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info_copy.data(), info_copy.size()),
      OSSL_PARAM_construct_end()};
  AesKey key{};
  require(EVP_KDF_derive(context.get(), key.data(), key.size(), parameters.data()) == 1, "derive a key");
  return key;
}

}  // namespace ferry::host
