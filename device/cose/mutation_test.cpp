// What a fuzzer would try first, on every run: each byte changed in several ways, and every length cut.
#include <gtest/gtest.h>

#include "device/cose/messages_test_util.h"

namespace ferry::cose {
namespace {

constexpr AesKey kContentKey = {9, 8, 7};
constexpr AesBlock kIv = {1, 2, 3};

std::size_t keys_in_use() {
  mbedtls_psa_stats_t stats{};
  mbedtls_psa_get_stats(&stats);
  return stats.volatile_slots;
}

// Calls check(mutant) with every cut and with each byte changed.
template <typename Check>
void for_each_mutant(const Bytes& message, Check check) {
  for (std::size_t size = 0; size < message.size(); ++size) {
    check(Bytes(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size)));
  }
  for (std::size_t at = 0; at < message.size(); ++at) {
    for (const unsigned change : {0x01U, 0x20U, 0x80U, 0xFFU}) {
      Bytes mutant = message;
      mutant[at] ^= static_cast<std::uint8_t>(change);
      check(mutant);
    }
  }
}

TEST(CoseMutation, T1_NoMutantOfASign1Verifies) {
  const openssl::P256Key key;
  const Bytes payload(36, 0x11);
  Sign1Parts parts;
  parts.signature = sign(key, parts.protected_header, payload);
  const std::vector<TrustAnchor> anchors = {{.algorithm = kEsp256, .key = key.public_key()}};
  ASSERT_TRUE(verify_sign1(encode(parts), payload, anchors));
  const std::size_t before = keys_in_use();
  for_each_mutant(encode(parts), [&](const Bytes& mutant) { EXPECT_FALSE(verify_sign1(mutant, payload, anchors)); });
  EXPECT_EQ(keys_in_use(), before);
}

// The IV of counter mode is not authenticated: a mutant may open with another IV, never with another key.
TEST(CoseMutation, NoMutantOfAnEncryptGivesAnotherKey) {
  const openssl::P256Key device;
  const AesKey key_encryption = {0x55};
  const DecryptionKeys keys = {.ecdh = device.private_key(), .key_encryption = key_encryption};
  const std::vector<RecipientParts> recipients = {ecdh_recipient(device.public_key(), openssl::P256Key(), kContentKey),
                                                  key_wrap_recipient(key_encryption, kContentKey)};
  for (const auto& recipient : recipients) {
    const Bytes message = encode(
        EncryptParts{.protected_header = {}, .unprotected_map = content_headers(kIv), .recipients = {recipient}});
    ASSERT_TRUE(open_encrypt(message, keys));
    const std::size_t before = keys_in_use();
    for_each_mutant(message, [&](const Bytes& mutant) {
      const auto content = open_encrypt(mutant, keys);
      EXPECT_TRUE(!content || content->key == kContentKey);
    });
    EXPECT_EQ(keys_in_use(), before);
  }
}

}  // namespace
}  // namespace ferry::cose
