// The same answer as OpenSSL's, on inputs drawn by seed and keys drawn anew.
#include <gtest/gtest.h>
#include <random>

#include "device/crypto/openssl_test_util.h"

namespace ferry::crypto {
namespace {

constexpr int kRounds = 40;

class Draw {
 public:
  explicit Draw(std::uint32_t seed) : engine_(seed) {}
  std::size_t size(std::size_t largest) { return std::uniform_int_distribution<std::size_t>(0, largest)(engine_); }
  void fill(ByteSpan bytes) {
    for (auto& byte : bytes) {
      byte = static_cast<std::uint8_t>(engine_());
    }
  }
  openssl::Bytes bytes(std::size_t count) {
    openssl::Bytes drawn(count);
    fill(drawn);
    return drawn;
  }
  template <typename Array>
  Array array() {
    Array drawn;
    fill(drawn);
    return drawn;
  }

 private:
  std::mt19937 engine_;
};

TEST(CryptoDifferential, Signatures) {
  Draw draw(1);
  for (int round = 0; round < kRounds; ++round) {
    const openssl::P256Key key;
    const auto message = draw.bytes(draw.size(300));
    auto signature = key.sign(message);
    EXPECT_TRUE(verify_p256(key.public_key(), message, signature));
    signature[draw.size(63)] ^= static_cast<std::uint8_t>(1U << draw.size(7));
    EXPECT_EQ(verify_p256(key.public_key(), message, signature).error(), Error::kBadSignature);
  }
}

TEST(CryptoDifferential, KeyAgreement) {
  Draw draw(2);
  for (int round = 0; round < kRounds; ++round) {
    const openssl::P256Key device;
    const openssl::P256Key ephemeral;
    const auto info = draw.bytes(draw.size(100));
    const AesKey expected = openssl::hkdf(ephemeral.agree(device.public_key()), info);
    EXPECT_EQ(agree_p256(device.private_key(), ephemeral.public_key(), info).value(), expected);
  }
}

TEST(CryptoDifferential, KeyUnwrap) {
  Draw draw(3);
  for (int round = 0; round < kRounds; ++round) {
    const auto key_encryption = draw.array<AesKey>();
    const auto key = draw.array<AesKey>();
    auto wrapped = openssl::wrap(key_encryption, key);
    ASSERT_EQ(wrapped.size(), 24U);
    EXPECT_EQ(unwrap_key(key_encryption, wrapped).value(), key);
    wrapped[draw.size(23)] ^= static_cast<std::uint8_t>(1U << draw.size(7));
    EXPECT_EQ(unwrap_key(key_encryption, wrapped).error(), Error::kUnwrapFailed);
  }
}

// In one call or in pieces of any length, in place or not, across a carry of the counter.
TEST(CryptoDifferential, AesCtrInPieces) {
  Draw draw(4);
  for (int round = 0; round < kRounds; ++round) {
    const auto key = draw.array<AesKey>();
    AesBlock iv = draw.array<AesBlock>();
    std::fill(iv.begin() + 4, iv.end(), std::uint8_t{0xFF});
    const auto plain = draw.bytes(draw.size(5000));
    const auto expected = openssl::aes_ctr(key, iv, plain);
    AesCtr cipher;
    ASSERT_TRUE(cipher.start(key, iv));
    auto in_place = plain;
    openssl::Bytes apart(plain.size());
    for (std::size_t at = 0; at < plain.size();) {
      const std::size_t piece = std::min(plain.size() - at, draw.size(100));
      ASSERT_TRUE(cipher.apply(ByteView(in_place).subspan(at, piece), ByteSpan(in_place).subspan(at, piece)));
      at += piece;
    }
    ASSERT_TRUE(cipher.start(key, iv));
    ASSERT_TRUE(cipher.apply(plain, apart));
    EXPECT_EQ(in_place, expected);
    EXPECT_EQ(apart, expected);
  }
}

TEST(CryptoDifferential, CcmOfAnyLength) {
  Draw draw(9);
  for (int round = 0; round < kRounds; ++round) {
    const auto key = draw.array<AesKey>();
    const auto nonce = draw.array<CcmNonce>();
    const auto covered = draw.bytes(1 + draw.size(100));
    const auto message = draw.bytes(1 + draw.size(600));
    openssl::Bytes sealed(message.size() + kCcmTagSize);
    ASSERT_TRUE(seal_ccm(key, nonce, covered, message, sealed));
    EXPECT_EQ(sealed, openssl::aes_ccm(key, nonce, covered, message));
  }
}

TEST(CryptoDifferential, Sha256InPieces) {
  Draw draw(5);
  for (int round = 0; round < kRounds; ++round) {
    const auto bytes = draw.bytes(draw.size(3000));
    Sha256 hash;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t piece = std::min(bytes.size() - at, draw.size(200));
      ASSERT_TRUE(hash.update(ByteView(bytes).subspan(at, piece)));
      at += piece;
    }
    EXPECT_EQ(hash.finish().value(), openssl::sha256(bytes));
  }
}

}  // namespace
}  // namespace ferry::crypto
