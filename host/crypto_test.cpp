#include "host/crypto.h"

#include <gtest/gtest.h>

namespace ferry::host {
namespace {

template <typename Array>
Array array_of(std::string_view hex) {
  Array array{};
  copy(from_hex(hex).value(), array);
  return array;
}

TEST(HostCrypto, Sha256OfAbc) {  // FIPS 180-4, example
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HostCrypto, AesCtrOfSp800_38a) {  // F.5.1
  const auto key = array_of<AesKey>("2b7e151628aed2a6abf7158809cf4f3c");
  const auto iv = array_of<AesBlock>("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  const Bytes plain = from_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51").value();
  EXPECT_EQ(to_hex(aes_ctr(key, iv, plain)), "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
}

TEST(HostCrypto, AesCtrOfAnyLength) {
  const auto key = random_array<AesKey>();
  const auto iv = random_array<AesBlock>();
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 1000U}) {
    const Bytes plain(size, 0x5A);
    EXPECT_EQ(aes_ctr(key, iv, aes_ctr(key, iv, plain)), plain);
  }
}

TEST(HostCrypto, KeyWrapOfRfc3394) {  // 4.1
  const auto kek = array_of<AesKey>("000102030405060708090a0b0c0d0e0f");
  const auto key = array_of<AesKey>("00112233445566778899aabbccddeeff");
  EXPECT_EQ(to_hex(wrap_key(kek, key)), "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
}

TEST(HostCrypto, HkdfOfRfc5869) {  // test case 3 (no salt, no info), its first 16 bytes
  const Bytes secret(22, 0x0b);
  EXPECT_EQ(to_hex(hkdf_sha256(secret, {})), "8da4e775a563c18f715f802a063c5a31");
}

TEST(HostCrypto, RandomBytesDiffer) {
  EXPECT_NE(random_array<AesKey>(), random_array<AesKey>());
}

TEST(HostBytes, HexBothWays) {
  EXPECT_EQ(to_hex(from_hex("00fFa5").value()), "00ffa5");
  EXPECT_FALSE(from_hex("0").has_value());
  EXPECT_FALSE(from_hex("0g").has_value());
}

}  // namespace
}  // namespace ferry::host
