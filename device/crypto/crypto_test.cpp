#include "device/crypto/crypto.h"

#include <gtest/gtest.h>

#include "device/crypto/hex_test_util.h"

namespace ferry::crypto {
namespace {

// Far more than the key slots that mbedTLS has.
constexpr int kManyCalls = 3000;

std::size_t keys_in_use() {
  mbedtls_psa_stats_t stats{};
  mbedtls_psa_get_stats(&stats);
  return stats.volatile_slots;
}

constexpr std::string_view kPoint =
    "04 60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
constexpr std::string_view kScalar = "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433";
constexpr std::string_view kOrder = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";

P256PublicKey good_key() {
  return array_from_hex<P256PublicKey>(kPoint);
}

// Keys that are no keys: off the curve, at infinity, compressed, coordinates past the field.
std::vector<P256PublicKey> bad_keys() {
  std::vector<P256PublicKey> keys(4, good_key());
  keys[0].back() ^= 1;
  keys[1].fill(0);
  keys[2][0] = 0x02;
  std::fill(keys[3].begin() + 1, keys[3].end(), std::uint8_t{0xFF});
  return keys;
}

TEST(Crypto, StartsMoreThanOnce) {
  EXPECT_TRUE(start());
  EXPECT_TRUE(start());
}

TEST(Crypto, T1_SignatureOfAnotherLengthIsRefused) {
  std::vector<std::uint8_t> signature(200, 1);
  for (const std::size_t size : {0U, 1U, 32U, 63U, 65U, 72U, 128U, 200U}) {
    EXPECT_EQ(verify_p256(good_key(), as_bytes("x"), ByteView(signature).first(size)).error(), Error::kBadSignature);
  }
}

TEST(Crypto, T1_SignatureNumbersOutOfRangeAreRefused) {
  const auto order = from_hex(kOrder);
  std::vector<std::uint8_t> one(32);
  one.back() = 1;
  const std::vector<std::vector<std::uint8_t>> numbers = {std::vector<std::uint8_t>(32), order,
                                                          std::vector<std::uint8_t>(32, 0xFF)};
  for (const auto& number : numbers) {
    auto first = number;
    first.insert(first.end(), one.begin(), one.end());
    auto second = one;
    second.insert(second.end(), number.begin(), number.end());
    EXPECT_EQ(verify_p256(good_key(), as_bytes("x"), first).error(), Error::kBadSignature);
    EXPECT_EQ(verify_p256(good_key(), as_bytes("x"), second).error(), Error::kBadSignature);
  }
}

TEST(Crypto, BadPublicKeysAreRefused) {
  const std::array<std::uint8_t, 64> signature{1};
  for (const auto& key : bad_keys()) {
    EXPECT_EQ(verify_p256(key, as_bytes("x"), signature).error(), Error::kBadKey);
    EXPECT_EQ(agree_p256(array_from_hex<P256PrivateKey>(kScalar), key, {}).error(), Error::kBadKey);
  }
}

TEST(Crypto, BadPrivateKeysAreRefused) {
  EXPECT_EQ(agree_p256(P256PrivateKey{}, good_key(), {}).error(), Error::kBadKey);
  EXPECT_EQ(agree_p256(array_from_hex<P256PrivateKey>(kOrder), good_key(), {}).error(), Error::kBadKey);
}

TEST(Crypto, UnwrapTakesOneLength) {
  const std::vector<std::uint8_t> wrapped(64);
  for (const std::size_t size : {0U, 8U, 16U, 23U, 25U, 32U, 40U}) {
    EXPECT_EQ(unwrap_key(AesKey{}, ByteView(wrapped).first(size)).error(), Error::kUnwrapFailed);
  }
}

TEST(Crypto, HashBeginsAnewAfterItsEnd) {
  Sha256 hash;
  ASSERT_TRUE(hash.update(as_bytes("abc")));
  const auto first = hash.finish().value();
  EXPECT_EQ(first, sha256(as_bytes("abc")).value());
  EXPECT_EQ(hash.finish().value(), sha256({}).value());
  ASSERT_TRUE(hash.update(as_bytes("junk")));
  ASSERT_TRUE(hash.restart());
  ASSERT_TRUE(hash.update(as_bytes("abc")));
  EXPECT_EQ(hash.finish().value(), first);
}

TEST(Crypto, CipherRefusesWhatItCannotDo) {
  std::array<std::uint8_t, 32> bytes{};
  AesCtr cipher;
  EXPECT_EQ(cipher.apply(bytes, bytes).error(), Error::kCryptoFailure);  // not started
  ASSERT_TRUE(cipher.start(AesKey{}, AesBlock{}));
  EXPECT_EQ(cipher.apply(bytes, ByteSpan(bytes).first(31)).error(), Error::kInvalidArgument);
  EXPECT_TRUE(cipher.apply({}, {}));
}

TEST(Crypto, NoCallThatFailsKeepsAKeySlot) {
  ASSERT_TRUE(start());
  const std::size_t before = keys_in_use();
  const std::array<std::uint8_t, 64> signature{1};
  const std::array<std::uint8_t, 24> wrapped{};
  const auto bad = bad_keys();
  for (int i = 0; i < kManyCalls; ++i) {
    const auto& key = bad[static_cast<std::size_t>(i) % bad.size()];
    ASSERT_EQ(verify_p256(key, as_bytes("x"), signature).error(), Error::kBadKey);
    ASSERT_EQ(verify_p256(good_key(), as_bytes("x"), ByteView(signature).first(9)).error(), Error::kBadSignature);
    ASSERT_EQ(agree_p256(array_from_hex<P256PrivateKey>(kScalar), key, {}).error(), Error::kBadKey);
    ASSERT_EQ(agree_p256(P256PrivateKey{}, key, {}).error(), Error::kBadKey);
    ASSERT_EQ(unwrap_key(AesKey{}, wrapped).error(), Error::kUnwrapFailed);
    ASSERT_EQ(hmac_sha256({}, {}).has_value(), false);
  }
  EXPECT_EQ(keys_in_use(), before);
  EXPECT_TRUE(hmac_sha256(as_bytes("key"), {}));
}

TEST(Crypto, CiphersKeepOneKeySlotWhileTheyLive) {
  ASSERT_TRUE(start());
  const std::size_t before = keys_in_use();
  for (int i = 0; i < kManyCalls; ++i) {
    AesCtr cipher;
    ASSERT_TRUE(cipher.start(AesKey{}, AesBlock{}));
    ASSERT_TRUE(cipher.start(AesKey{}, AesBlock{}));
    ASSERT_EQ(keys_in_use(), before + 1);
  }
  EXPECT_EQ(keys_in_use(), before);
}

TEST(Crypto, CipherSaysSoWhenNoKeySlotIsLeft) {
  ASSERT_TRUE(start());
  std::vector<std::unique_ptr<AesCtr>> ciphers;
  Status status = ok();
  while (status && ciphers.size() < 1000) {
    ciphers.push_back(std::make_unique<AesCtr>());
    status = ciphers.back()->start(AesKey{}, AesBlock{});
  }
  EXPECT_EQ(status.error(), Error::kCryptoFailure);
  EXPECT_EQ(unwrap_key(AesKey{}, std::array<std::uint8_t, 24>{}).error(), Error::kCryptoFailure);
  ciphers.clear();
  AesCtr cipher;
  EXPECT_TRUE(cipher.start(AesKey{}, AesBlock{}));
}

}  // namespace
}  // namespace ferry::crypto
