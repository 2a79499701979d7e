// A thin face on the PSA Crypto API (mbedTLS). Nothing else in Ferry calls PSA on the device side.
// Sources: FIPS 180-4 (SHA-256), FIPS 197 and SP 800-38A (AES-CTR), FIPS 186-4 (ECDSA), SP 800-56A (ECDH),
// RFC 5869 (HKDF), RFC 3394 (AES key wrap), RFC 3610 (AES-CCM).
#pragma once

#include <array>
#include <psa/crypto.h>

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry {

inline constexpr std::size_t kSha256Size = 32;
using Sha256Digest = std::array<std::uint8_t, kSha256Size>;
using P256PublicKey = std::array<std::uint8_t, 65>;   // uncompressed point: 04 || x || y (SEC 1)
using P256PrivateKey = std::array<std::uint8_t, 32>;  // big-endian scalar
using AesKey = std::array<std::uint8_t, 16>;          // AES-128
using AesBlock = std::array<std::uint8_t, 16>;

namespace crypto {

// Call once before anything else; later calls do nothing. Errors: kCryptoFailure.
[[nodiscard]] Status start();

// SHA-256 over a stream. One object, one digest; a copy is not a clone, so copying is not offered.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  [[nodiscard]] Status restart();  // forget everything and begin anew
  [[nodiscard]] Status update(ByteView bytes);
  [[nodiscard]] Result<Sha256Digest> finish();

 private:
  psa_hash_operation_t operation_;
  bool started_ = false;
};

[[nodiscard]] Result<Sha256Digest> sha256(ByteView bytes);

// AES-128-CTR over a stream; encryption and decryption are the same. `in` and `out` are of one size and may be the
// same memory.
class AesCtr {
 public:
  AesCtr();
  ~AesCtr();
  AesCtr(const AesCtr&) = delete;
  AesCtr& operator=(const AesCtr&) = delete;
  [[nodiscard]] Status start(const AesKey& key, const AesBlock& iv);  // may be called again: starts anew
  [[nodiscard]] Status apply(ByteView in, ByteSpan out);              // kInvalidArgument, kCryptoFailure

 private:
  [[nodiscard]] Status update(ByteView in, ByteSpan out);
  [[nodiscard]] Status apply_part(ByteView in, ByteSpan out);  // less than a block

  psa_cipher_operation_t operation_;
  psa_key_id_t key_ = 0;
  std::size_t used_ = 0;  // bytes of the current block of key stream
};

// AES-128-CCM (RFC 3610) with a tag of 8 bytes and a nonce of 13, which is COSE's AES-CCM-16-64-128. A nonce must never
// come twice under one key.
inline constexpr std::size_t kCcmTagSize = 8;
using CcmNonce = std::array<std::uint8_t, 13>;
// Writes ciphertext and tag: `out` is as long as `message` and kCcmTagSize together, and lies elsewhere. Errors:
// kInvalidArgument (sizes; more than 65535 bytes of message, or 65279 of `covered`), kCryptoFailure.
[[nodiscard]] Status seal_ccm(const AesKey& key, const CcmNonce& nonce, ByteView covered, ByteView message,
                              ByteSpan out);

// ECDSA P-256 with SHA-256. `signature` is r || s, 64 bytes. Errors: kBadKey, kBadSignature.
[[nodiscard]] Status verify_p256(const P256PublicKey& key, ByteView message, ByteView signature);

// RFC 5869 with SHA-256 and no salt: the first 16 bytes of the output. Errors: kCryptoFailure.
[[nodiscard]] Result<AesKey> hkdf_sha256(ByteView secret, ByteView info);

// ECDH on P-256, then HKDF-SHA-256 without salt over the shared secret, `info` as given. Errors: kBadKey.
[[nodiscard]] Result<AesKey> agree_p256(const P256PrivateKey& key, const P256PublicKey& peer, ByteView info);

// RFC 3394: 24 bytes to 16. Errors: kUnwrapFailed.
[[nodiscard]] Result<AesKey> unwrap_key(const AesKey& key_encryption_key, ByteView wrapped);

// HMAC-SHA-256 (RFC 2104). Errors: kBadKey (an empty key), kCryptoFailure.
[[nodiscard]] Result<Sha256Digest> hmac_sha256(ByteView key, ByteView message);

}  // namespace crypto
}  // namespace ferry
