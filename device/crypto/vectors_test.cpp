// Published vectors; each test names its source.
#include <gtest/gtest.h>

#include "device/crypto/crypto.h"
#include "device/crypto/hex_test_util.h"

namespace ferry::crypto {
namespace {

std::string digest_of(std::string_view text) {
  return to_hex(sha256(as_bytes(text)).value());
}

TEST(CryptoVectors, Sha256OfFips180) {
  EXPECT_EQ(digest_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(digest_of(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

struct MacCase {
  std::string key;
  std::string message;
  std::string mac;
};

TEST(CryptoVectors, HmacOfRfc4231) {
  const std::vector<MacCase> cases = {
      {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
       "hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const MacCase& c : cases) {
    EXPECT_EQ(to_hex(hmac_sha256(as_bytes(c.key), as_bytes(c.message)).value()), c.mac);
  }
}

TEST(CryptoVectors, HkdfOfRfc5869WithoutSalt) {  // A.3; the first 16 of its 42 bytes
  EXPECT_EQ(to_hex(hkdf_sha256(from_hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), {}).value()),
            "8da4e775a563c18f715f802a063c5a31");
}

constexpr std::string_view kSp800Key = "2b7e151628aed2a6abf7158809cf4f3c";
constexpr std::string_view kSp800Counter = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
constexpr std::string_view kSp800Plain =
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
constexpr std::string_view kSp800Cipher =
    "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
    "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee";

TEST(CryptoVectors, AesCtrOfSp80038a) {  // F.5.1, F.5.2
  AesCtr cipher;
  ASSERT_TRUE(cipher.start(array_from_hex<AesKey>(kSp800Key), array_from_hex<AesBlock>(kSp800Counter)));
  auto bytes = from_hex(kSp800Plain);
  ASSERT_TRUE(cipher.apply(bytes, bytes));
  EXPECT_EQ(to_hex(bytes), kSp800Cipher);
  ASSERT_TRUE(cipher.start(array_from_hex<AesKey>(kSp800Key), array_from_hex<AesBlock>(kSp800Counter)));
  ASSERT_TRUE(cipher.apply(bytes, bytes));
  EXPECT_EQ(to_hex(bytes), kSp800Plain);
}

// RFC 6979, A.2.5.
constexpr std::string_view kRfc6979Key =
    "04 60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
constexpr std::string_view kRfc6979Sample =
    "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
    "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
constexpr std::string_view kRfc6979Test =
    "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367"
    "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083";

TEST(CryptoVectors, EcdsaOfRfc6979) {
  const auto key = array_from_hex<P256PublicKey>(kRfc6979Key);
  EXPECT_TRUE(verify_p256(key, as_bytes("sample"), from_hex(kRfc6979Sample)));
  EXPECT_TRUE(verify_p256(key, as_bytes("test"), from_hex(kRfc6979Test)));
  EXPECT_EQ(verify_p256(key, as_bytes("sample"), from_hex(kRfc6979Test)).error(), Error::kBadSignature);
  EXPECT_EQ(verify_p256(key, as_bytes("samplf"), from_hex(kRfc6979Sample)).error(), Error::kBadSignature);
}

TEST(CryptoVectors, KeyUnwrapOfRfc3394) {  // 4.1
  const auto key_encryption = array_from_hex<AesKey>("000102030405060708090A0B0C0D0E0F");
  const auto wrapped = from_hex("1FA68B0A8112B447 AEF34BD8FB5A7B82 9D3E862371D2CFE5");
  EXPECT_EQ(to_hex(unwrap_key(key_encryption, wrapped).value()), "00112233445566778899aabbccddeeff");
}

TEST(CryptoVectors, EcdhOfRfc5903) {  // 8.1; the shared secret is seen through HKDF
  const auto private_i =
      array_from_hex<P256PrivateKey>("C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433");
  const auto public_i = array_from_hex<P256PublicKey>(
      "04 DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180"
      "5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3");
  const auto private_r =
      array_from_hex<P256PrivateKey>("C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53");
  const auto public_r = array_from_hex<P256PublicKey>(
      "04 D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63"
      "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB");
  const auto secret = from_hex("D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE");
  const ByteView info = as_bytes("context");
  const AesKey expected = hkdf_sha256(secret, info).value();
  EXPECT_EQ(agree_p256(private_i, public_r, info).value(), expected);
  EXPECT_EQ(agree_p256(private_r, public_i, info).value(), expected);
}

TEST(CryptoVectors, CcmOfRfc3610) {  // packet vectors 1 and 2
  const auto key = array_from_hex<AesKey>("c0c1c2c3c4c5c6c7c8c9cacbcccdcecf");
  std::array<std::uint8_t, 31> first{};
  ASSERT_TRUE(seal_ccm(key, array_from_hex<CcmNonce>("00000003020100a0a1a2a3a4a5"), from_hex("0001020304050607"),
                       from_hex("08090a0b0c0d0e0f101112131415161718191a1b1c1d1e"), first));
  EXPECT_EQ(to_hex(first), "588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0");
  std::array<std::uint8_t, 32> second{};
  ASSERT_TRUE(seal_ccm(key, array_from_hex<CcmNonce>("00000004030201a0a1a2a3a4a5"), from_hex("0001020304050607"),
                       from_hex("08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"), second));
  EXPECT_EQ(to_hex(second), "72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3ba091d56e10400916");
}

}  // namespace
}  // namespace ferry::crypto
