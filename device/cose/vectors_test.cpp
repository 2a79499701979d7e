// Messages that others made: the examples of draft-ietf-suit-firmware-encryption-24 (their recipients; their content
// is under GCM, which Ferry does not take), and the envelopes in the folder of shared vectors.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "device/cbor/decoder.h"
#include "device/cose/messages_test_util.h"
#include "device/crypto/hex_test_util.h"

namespace ferry::cose {
namespace {

constexpr std::string_view kImage = "This is a real firmware image.";
constexpr std::string_view kDeviceKey = "60fe6dd6d85d5740a5349b6f91267eeac5ba81b8cb53ee249e4b4eb102c476b3";
constexpr std::string_view kIv = "f14aab9d81d51f7ad943fe87";
constexpr std::string_view kEcdhMessage =
    "d8608443a10101a1054cf14aab9d81d51f7ad943fe87f6818344a101381ca220a40102200121582073024f415aa51529a66ccefd88f3f62a"
    "734492ff45f6ad37fd2888e73eaf19da2258204005b48a6fd091aa6abfe3cfbeede88b347e521d43405fdbd7d2cff0ebc21b2604456b6964"
    "2d325818a06b8e6550f308712b1df044b21b7d11d9b22792f1de0997";
constexpr std::string_view kEcdhCiphertext =
    "758c4b7bbae2c4c1d462423e0f0dc3164ffa7b85bb94d4bd6d7ed26ab32feb063385d4d3465927ec82cb5e198a59";
constexpr std::string_view kKeyWrapMessage =
    "d8608443a10101a1054cf14aab9d81d51f7ad943fe87f6818340a2012204456b69642d31581875603ffc9518d794713c8ca8a115a7fb3256"
    "5a6d59534d62";
constexpr std::size_t kContentHeaders = 23;  // of a draft's message before its recipients

// The recipients of a draft's message below content headers that Ferry takes.
Bytes with_counter_mode(std::string_view message) {
  Bytes bytes = cbor_of([](cbor::Encoder& out) { out.tag(96).array(4).bytes({}).raw(content_headers({})).null(); });
  const Bytes original = from_hex(message);
  bytes.insert(bytes.end(), original.begin() + kContentHeaders, original.end());
  return bytes;
}

std::string open_gcm(const AesKey& key, ByteView ciphertext) {
  const openssl::CipherContext context(EVP_CIPHER_CTX_new());
  const Bytes iv = from_hex(kIv);
  const Bytes additional =
      cbor_of([](cbor::Encoder& out) { out.array(3).text("Encrypt").bytes(algorithm_map(1)).bytes({}); });
  Bytes tag(ciphertext.end() - 16, ciphertext.end());
  const ByteView content = ciphertext.first(ciphertext.size() - tag.size());
  std::string plain(content.size(), '\0');
  int size = 0;
  openssl::require(EVP_DecryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, key.data(), iv.data()) == 1);
  openssl::require(
      EVP_DecryptUpdate(context.get(), nullptr, &size, additional.data(), static_cast<int>(additional.size())) == 1);
  openssl::require(EVP_DecryptUpdate(context.get(), reinterpret_cast<std::uint8_t*>(plain.data()), &size,
                                     content.data(), static_cast<int>(content.size())) == 1);
  openssl::require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, 16, tag.data()) == 1);
  openssl::require(EVP_DecryptFinal_ex(context.get(), nullptr, &size) == 1);
  return plain;
}

TEST(CoseVectors, EcdhRecipientOfTheDraft) {
  const DecryptionKeys keys = {.ecdh = array_from_hex<P256PrivateKey>(kDeviceKey), .key_encryption = {}};
  const auto content = open_encrypt(with_counter_mode(kEcdhMessage), keys);
  ASSERT_TRUE(content);
  EXPECT_EQ(open_gcm(content->key, from_hex(kEcdhCiphertext)), kImage);
}

TEST(CoseVectors, KeyWrapRecipientOfTheDraft) {
  const DecryptionKeys keys = {.ecdh = {},
                               .key_encryption = array_from_hex<AesKey>("61616161616161616161616161616161")};
  EXPECT_TRUE(open_encrypt(with_counter_mode(kKeyWrapMessage), keys));
}

TEST(CoseVectors, T2_GcmOfTheDraftIsRefused) {
  const DecryptionKeys keys = {.ecdh = array_from_hex<P256PrivateKey>(kDeviceKey), .key_encryption = {}};
  EXPECT_EQ(open_encrypt(from_hex(kEcdhMessage), keys).error(), Error::kUnknownAlgorithm);
}

class CoseSharedVectors : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("FERRY_SHARED");
    const std::filesystem::path root =
        folder != nullptr ? folder : std::filesystem::path(FERRY_SOURCE_DIR).parent_path() / "shared";
    std::ifstream file(root / "vectors" / "suit.json");
    if (!file) {
      GTEST_SKIP() << "no shared vectors (set FERRY_SHARED to their folder)";
    }
    json_ = nlohmann::json::parse(file);
  }
  Bytes envelope(std::string_view name) const {
    for (const auto& vector : json_["vectors"]) {
      if (vector["name"] == name) {
        return from_hex(vector["hex"].get<std::string>());
      }
    }
    ADD_FAILURE() << "no vector " << name;
    return {};
  }
  Bytes key(const std::string& name) const { return from_hex(json_["keys"][name].get<std::string>()); }

  nlohmann::json json_;
};

bool holds(const Bytes& envelope, ByteView part) {
  return std::search(envelope.begin(), envelope.end(), part.begin(), part.end()) != envelope.end();
}

// Its signature covers the digest of its manifest, which is found where the authentication wrapper has it.
TEST_F(CoseSharedVectors, SignaturesOfTheDrafts) {
  TrustAnchor anchor{.algorithm = kEs256Deprecated, .key = {}};
  copy(key("TA P-256 pub (uncompressed)"), anchor.key);
  int verified = 0;
  for (const auto& vector : json_["vectors"]) {
    if (vector["key"] != "TA P-256") {
      continue;
    }
    const Bytes bytes = from_hex(vector["hex"].get<std::string>());
    cbor::Decoder envelope(bytes);
    ASSERT_TRUE(envelope.read_tag() && envelope.read_map() && envelope.read_integer());
    cbor::Decoder wrapper(envelope.read_bytes().value());
    ASSERT_TRUE(wrapper.read_array());
    const ByteView digest = wrapper.read_bytes().value();
    const ByteView message = wrapper.read_bytes().value();
    const bool deprecated = vector["name"].get<std::string>().starts_with("draft-suit-manifest");
    anchor.algorithm = deprecated ? kEs256Deprecated : kEsp256;
    EXPECT_TRUE(verify_sign1(message, digest, std::span(&anchor, 1))) << vector["name"];
    ++verified;
    anchor.algorithm = deprecated ? kEsp256 : kEs256Deprecated;
    EXPECT_EQ(verify_sign1(message, digest, std::span(&anchor, 1)).error(), Error::kUnknownAlgorithm);
  }
  EXPECT_GE(verified, 6);
}

// The key that comes out encrypts the published image to the payload whose digest the same envelope holds.
TEST_F(CoseSharedVectors, PayloadOfTemplateT1) {
  const Bytes bytes = envelope("template/T1-esp256-ctr");
  const Bytes start = from_hex("d8608440a20139fffd");
  const auto found = std::search(bytes.begin(), bytes.end(), start.begin(), start.end());
  ASSERT_NE(found, bytes.end());
  cbor::Decoder decoder(ByteView(bytes).subspan(static_cast<std::size_t>(found - bytes.begin())));
  DecryptionKeys keys = {.ecdh = P256PrivateKey{}, .key_encryption = {}};
  copy(key("device ECDH P-256 d"), *keys.ecdh);
  const auto content = open_encrypt(decoder.read_item().value(), keys);
  ASSERT_TRUE(content);
  const Bytes payload = openssl::aes_ctr(content->key, content->iv, as_bytes(kImage));
  EXPECT_TRUE(holds(bytes, openssl::sha256(payload)));
  EXPECT_TRUE(holds(bytes, openssl::sha256(as_bytes(kImage))));
}

}  // namespace
}  // namespace ferry::cose
