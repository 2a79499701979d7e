// The cryptography of the release host, on OpenSSL 3's EVP: what the device's crypto module can only check or open,
// this one makes. Everything throws Failure where OpenSSL refuses.
// Sources: FIPS 180-4, SP 800-38A, RFC 5869, RFC 3394.
#pragma once

#include <memory>
#include <optional>

#include "device/crypto/crypto.h"
#include "host/bytes.h"

namespace ferry::host {

// From the operating system's generator.
void fill_random(ByteSpan bytes);
template <typename Array>
[[nodiscard]] Array random_array() {
  Array array;
  fill_random(array);
  return array;
}

[[nodiscard]] Sha256Digest sha256(ByteView bytes);
// Of bytes that come piece by piece.
class RunningSha256 {
 public:
  RunningSha256();
  ~RunningSha256();
  RunningSha256(const RunningSha256&) = delete;
  RunningSha256& operator=(const RunningSha256&) = delete;
  void update(ByteView bytes);
  [[nodiscard]] Sha256Digest finish();  // ends it

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};
// `iv` is the first counter block.
[[nodiscard]] Bytes aes_ctr(const AesKey& key, const AesBlock& iv, ByteView bytes);
// AES-CCM-16-64-128 (RFC 3610, RFC 9053 4.2), the tag last; nothing where the tag is not right.
[[nodiscard]] std::optional<Bytes> open_ccm(const AesKey& key, const crypto::CcmNonce& nonce, ByteView covered,
                                            ByteView sealed);
// RFC 3394, default initial value: 16 bytes to 24.
[[nodiscard]] Bytes wrap_key(const AesKey& key_encryption_key, const AesKey& key);
// HKDF-SHA-256 without salt, 16 bytes.
[[nodiscard]] AesKey hkdf_sha256(ByteView secret, ByteView info);
// For UUIDs only (RFC 4122, version 5).
[[nodiscard]] std::array<std::uint8_t, 20> sha1(ByteView bytes);

}  // namespace ferry::host
