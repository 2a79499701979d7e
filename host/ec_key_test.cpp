#include "host/ec_key.h"

#include <functional>
#include <gtest/gtest.h>

#include "host/failure.h"

namespace ferry::host {
namespace {

TEST(HostEcKey, PemRoundTrip) {
  const EcPrivateKey key = EcPrivateKey::generate();
  const EcPrivateKey again = EcPrivateKey::from_pem(key.to_pem(), "key");
  EXPECT_EQ(again.scalar(), key.scalar());
  const EcPublicKey public_key = EcPublicKey::from_pem(key.public_key().to_pem(), "key");
  EXPECT_EQ(public_key.point(), key.public_key().point());
  EXPECT_EQ(public_key.point()[0], 4);
  EXPECT_EQ(EcPrivateKey::from_scalar(key.scalar()).public_key().point(), public_key.point());
}

TEST(HostEcKey, SignsAndVerifies) {
  const EcPrivateKey key = EcPrivateKey::generate();
  // Many, because r and s need padding once in a while.
  for (int i = 0; i < 300; ++i) {
    const Bytes message(static_cast<std::size_t>(i), 0x42);
    Bytes signature = key.sign(message);
    ASSERT_EQ(signature.size(), 64U);
    ASSERT_TRUE(key.public_key().verify(message, signature));
    signature[static_cast<std::size_t>(i) % 64] ^= 1;
    ASSERT_FALSE(key.public_key().verify(message, signature));
  }
  EXPECT_FALSE(key.public_key().verify({}, {}));
}

TEST(HostEcKey, BothSidesAgree) {
  const EcPrivateKey a = EcPrivateKey::generate();
  const EcPrivateKey b = EcPrivateKey::generate();
  EXPECT_EQ(a.agree(b.public_key()), b.agree(a.public_key()));
}

void expect_failure(const std::function<void()>& act, std::string_view part) {
  try {
    act();
    FAIL() << "no failure";
  } catch (const Failure& failure) {
    EXPECT_NE(std::string_view(failure.what()).find(part), std::string_view::npos) << failure.what();
  }
}

constexpr std::string_view kP384PublicKey =
    "-----BEGIN PUBLIC KEY-----\n"
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEYxFwu5eo6AwBDV2F72BpeAepTyI/fDBP\n"
    "jY/UntxkULb1Y3S2mGgGAG3E5pCzPG8/1EF+TK0XOJg9TpL8IRT42pgD2gpGJn+7\n"
    "2VUoWZ5iJd3/qNLxEI5v8sNeTqOy19cn\n"
    "-----END PUBLIC KEY-----\n";

TEST(HostEcKey, WrongKeysAreNamed) {
  const EcPrivateKey key = EcPrivateKey::generate();
  expect_failure([&] { (void)EcPublicKey::from_pem(key.to_pem(), "x.pem"); }, "x.pem: this is a private key");
  expect_failure([&] { (void)EcPrivateKey::from_pem(key.public_key().to_pem(), "x.pem"); }, "this is a public key");
  expect_failure([&] { (void)EcPublicKey::from_pem("hello", "x.pem"); }, "no public key in PEM form");
  expect_failure([&] { (void)EcPrivateKey::from_pem("", "x.pem"); }, "no private key in PEM form");
  expect_failure([&] { (void)EcPublicKey::from_pem(kP384PublicKey, "x.pem"); }, "not a P-256 key");
}

TEST(HostEcKey, PointNotOnTheCurveIsRefused) {
  P256PublicKey point{};
  point[0] = 4;
  point[5] = 7;
  EXPECT_THROW((void)EcPublicKey::from_point(point), Failure);
}

}  // namespace
}  // namespace ferry::host
