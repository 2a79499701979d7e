// The second opinion of the differential tests: OpenSSL 3.
#pragma once

#include <memory>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <stdexcept>
#include <vector>

#include "device/crypto/crypto.h"

namespace ferry::openssl {

using Bytes = std::vector<std::uint8_t>;

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Free<EVP_CIPHER_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

inline void require(bool success) {
  if (!success) {
    throw std::runtime_error("OpenSSL refused");
  }
}

class P256Key {
 public:
  P256Key() : key_(EVP_EC_gen("P-256")) { require(key_ != nullptr); }

  [[nodiscard]] P256PublicKey public_key() const {
    P256PublicKey bytes{};
    std::size_t size = 0;
    require(EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, bytes.data(), bytes.size(), &size) ==
            1);
    require(size == bytes.size());
    return bytes;
  }

  [[nodiscard]] P256PrivateKey private_key() const {
    BIGNUM* number = nullptr;
    require(EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1);
    P256PrivateKey bytes{};
    const int size = BN_bn2binpad(number, bytes.data(), static_cast<int>(bytes.size()));
    BN_clear_free(number);
    require(size == static_cast<int>(bytes.size()));
    return bytes;
  }

  // r || s.
  [[nodiscard]] Bytes sign(ByteView message) const {
    const DigestContext context(EVP_MD_CTX_new());
    require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    std::size_t size = 0;
    require(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1);
    Bytes der(size);
    require(EVP_DigestSign(context.get(), der.data(), &size, message.data(), message.size()) == 1);
    const unsigned char* at = der.data();
    const Signature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    Bytes raw(64);
    require(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), 32) == 32);
    require(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + 32, 32) == 32);
    return raw;
  }

  // The shared secret with the owner of `point`, before any key derivation.
  [[nodiscard]] Bytes agree(const P256PublicKey& point) const {
    const Key peer(EVP_PKEY_new());
    require(EVP_PKEY_copy_parameters(peer.get(), key_.get()) == 1);
    require(EVP_PKEY_set1_encoded_public_key(peer.get(), point.data(), point.size()) == 1);
    const KeyContext context(EVP_PKEY_CTX_new(key_.get(), nullptr));
    require(EVP_PKEY_derive_init(context.get()) == 1 && EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1);
    std::size_t size = 32;
    Bytes secret(size);
    require(EVP_PKEY_derive(context.get(), secret.data(), &size) == 1 && size == secret.size());
    return secret;
  }

 private:
  Key key_;
};

inline AesKey hkdf(ByteView secret, ByteView info) {
  const KeyContext context(EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr));
  require(EVP_PKEY_derive_init(context.get()) == 1);
  require(EVP_PKEY_CTX_set_hkdf_md(context.get(), EVP_sha256()) == 1);
  require(EVP_PKEY_CTX_set1_hkdf_key(context.get(), secret.data(), static_cast<int>(secret.size())) == 1);
  require(EVP_PKEY_CTX_add1_hkdf_info(context.get(), info.data(), static_cast<int>(info.size())) == 1);
  AesKey key{};
  std::size_t size = key.size();
  require(EVP_PKEY_derive(context.get(), key.data(), &size) == 1);
  return key;
}

inline Bytes encrypt(const EVP_CIPHER* cipher, const AesKey& key, const std::uint8_t* iv, ByteView in) {
  const CipherContext context(EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  require(EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.data(), iv) == 1);
  Bytes out(in.size() + 32);
  int size = 0;
  require(EVP_EncryptUpdate(context.get(), out.data(), &size, in.data(), static_cast<int>(in.size())) == 1);
  out.resize(static_cast<std::size_t>(size));
  return out;
}

inline Bytes aes_ctr(const AesKey& key, const AesBlock& iv, ByteView in) {
  return encrypt(EVP_aes_128_ctr(), key, iv.data(), in);
}

// AES-128-CCM with a tag of 8 bytes, which comes last.
inline Bytes aes_ccm(const AesKey& key, const crypto::CcmNonce& nonce, ByteView covered, ByteView in) {
  const CipherContext context(EVP_CIPHER_CTX_new());
  constexpr int tag = static_cast<int>(crypto::kCcmTagSize);
  int size = 0;
  require(EVP_EncryptInit_ex(context.get(), EVP_aes_128_ccm(), nullptr, nullptr, nullptr) == 1);
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce.size()), nullptr) == 1);
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag, nullptr) == 1);
  require(EVP_EncryptInit_ex(context.get(), nullptr, nullptr, key.data(), nonce.data()) == 1);
  require(EVP_EncryptUpdate(context.get(), nullptr, &size, nullptr, static_cast<int>(in.size())) == 1);
  require(EVP_EncryptUpdate(context.get(), nullptr, &size, covered.data(), static_cast<int>(covered.size())) == 1);
  Bytes out(in.size() + crypto::kCcmTagSize);
  require(EVP_EncryptUpdate(context.get(), out.data(), &size, in.data(), static_cast<int>(in.size())) == 1);
  require(EVP_EncryptFinal_ex(context.get(), out.data() + size, &size) == 1);
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag, out.data() + in.size()) == 1);
  return out;
}

inline Bytes wrap(const AesKey& key_encryption, const AesKey& key) {
  return encrypt(EVP_aes_128_wrap(), key_encryption, nullptr, key);
}

inline Sha256Digest sha256(ByteView bytes) {
  Sha256Digest digest{};
  require(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
  return digest;
}

}  // namespace ferry::openssl
