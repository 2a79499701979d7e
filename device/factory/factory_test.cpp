#include "device/factory/factory.h"

#include <gtest/gtest.h>

#include "device/cbor/encoder.h"
#include "device/crypto/hex_test_util.h"
#include "device/factory/sample_test_util.h"

namespace ferry {
namespace {

using Bytes = std::vector<std::uint8_t>;

// The format that devices in the field hold: it is read for ever.
constexpr std::string_view kGolden =
    "a4006d66657272792d666163746f7279010102aa0150101112131415161718191a1b1c1d1e1f0250202122232425262728292a2b2c2d2e2f"
    "0350303132333435363738393a3b3c3d3e3f0467534e2d30303031057261636d652e6578616d706c652f6d312f7232066272320781822858"
    "410405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a"
    "3b3c3d3e3f4041424344085820505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f0950808182838485868788"
    "898a8b8c8d8e8f0a828365726164696f00608366726f6f746673016e7261756320696e7374616c6c202d03aa01846b6674702e6578616d70"
    "6c651565666c656574667365637265740262667703846b6875622e6578616d706c6519075b6664657669636565746f6b656e048438d1185a"
    "18b4181f05841910001a000400001a000200001a000100000619012c07181e08185a09f50af5fb79a792";

Bytes encoded(const FactoryFile& file) {
  Bytes buffer(2048);
  buffer.resize(encode_factory(file, buffer).value().size());
  return buffer;
}

void renew_crc(Bytes& bytes) {
  const ByteSpan all(bytes);
  store_le32(all.last(4), crc32(all.first(all.size() - 4)));
}

TEST(Factory, GoldenBytes) {
  EXPECT_EQ(to_hex(encoded(sample_factory())), kGolden);
}

TEST(Factory, ReadsTheGoldenBytes) {
  const Bytes bytes = from_hex(kGolden);
  const auto file = decode_factory(bytes);
  ASSERT_TRUE(file) << name(file.error());
  const FactoryParameters& parameters = file->parameters;
  const FactoryFile sample = sample_factory();
  EXPECT_EQ(parameters.vendor_id, sample.parameters.vendor_id);
  EXPECT_EQ(parameters.class_id, sample.parameters.class_id);
  EXPECT_EQ(parameters.device_id, sample.parameters.device_id);
  EXPECT_EQ(parameters.serial, "SN-0001");
  EXPECT_EQ(parameters.product, "acme.example/m1/r2");
  EXPECT_EQ(parameters.hardware, "r2");
  ASSERT_EQ(parameters.anchor_count, 1U);
  EXPECT_EQ(parameters.anchors[0].algorithm, cose::kEsp256);
  EXPECT_EQ(parameters.anchors[0].key, sample.parameters.anchors[0].key);
  EXPECT_EQ(parameters.keys.ecdh, sample.parameters.keys.ecdh);
  EXPECT_EQ(parameters.keys.key_encryption, sample.parameters.keys.key_encryption);
  ASSERT_EQ(parameters.component_count, 2U);
  EXPECT_EQ(parameters.components[0].name, "radio");
  EXPECT_EQ(parameters.components[0].kind, ComponentKind::kImage);
  EXPECT_EQ(parameters.components[1].name, "rootfs");
  EXPECT_EQ(parameters.components[1].kind, ComponentKind::kHandler);
  EXPECT_EQ(parameters.components[1].program, "rauc install -");
}

TEST(Factory, ReadsTheSettingsOfTheGoldenBytes) {
  const Bytes bytes = from_hex(kGolden);
  const auto file = decode_factory(bytes);
  ASSERT_TRUE(file) << name(file.error());
  const Settings& settings = file->settings;
  EXPECT_EQ(settings.ftp.host, "ftp.example");
  EXPECT_EQ(settings.ftp.port, 21);
  EXPECT_EQ(settings.ftp.user, "fleet");
  EXPECT_EQ(settings.ftp.password, "secret");
  EXPECT_EQ(settings.ftp_root, "fw");
  EXPECT_EQ(settings.business.host, "hub.example");
  EXPECT_EQ(settings.business.port, 1883);
  EXPECT_EQ(settings.window.zone_minutes, -210);
  EXPECT_EQ(settings.window.start_minute, 90);
  EXPECT_EQ(settings.window.length_minutes, 180);
  EXPECT_EQ(settings.window.days, 0x1F);
  EXPECT_EQ(settings.flash.sector_size, 4096U);
  EXPECT_EQ(settings.flash.slot_size, 262144U);
  EXPECT_EQ(settings.flash.staging_size, 131072U);
  EXPECT_EQ(settings.flash.second_size, 65536U);
  EXPECT_EQ(settings.trial_seconds, 300U);
  EXPECT_EQ(settings.report_seconds, 30U);
  EXPECT_EQ(settings.stale_days, 90U);
  EXPECT_TRUE(settings.expiring_without_clock);
  EXPECT_TRUE(settings.device_manifest);
}

// The golden bytes with one pair more: a file from before reads as one without.
TEST(Factory, TheKeyToSealWithComesLast) {
  FactoryFile file = sample_factory();
  file.parameters.seal_key = counting_from<AesKey>(0x90);
  const Bytes bytes = encoded(file);
  std::string expected(kGolden.substr(0, kGolden.size() - 8));
  expected.replace(expected.find("02aa0150"), 4, "02ab");
  expected.insert(expected.find("03aa0184"), "0b50909192939495969798999a9b9c9d9e9f");
  EXPECT_EQ(to_hex(ByteView(bytes).first(bytes.size() - 4)), expected);
  const auto again = decode_factory(bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->parameters.seal_key, file.parameters.seal_key);
  EXPECT_FALSE(decode_factory(from_hex(kGolden))->parameters.seal_key);
}

TEST(Factory, ASealKeyOfAnotherLengthIsRefused) {
  FactoryFile file = sample_factory();
  file.parameters.seal_key = counting_from<AesKey>(0x90);
  Bytes bytes = encoded(file);
  constexpr std::array<std::uint8_t, 3> head = {0x0B, 0x50, 0x90};
  const auto at = std::search(bytes.begin(), bytes.end(), head.begin(), head.end());
  ASSERT_NE(at, bytes.end());
  at[1] = 0x4F;
  bytes.erase(at + 2);
  renew_crc(bytes);
  EXPECT_EQ(decode_factory(bytes).error(), Error::kInvalidArgument);
}

TEST(Factory, KeysAndComponentsMayBeAbsent) {
  FactoryFile file = sample_factory();
  for (const bool ecdh : {false, true}) {
    for (const bool key_encryption : {false, true}) {
      file = sample_factory();
      file.parameters.component_count = 0;
      if (!ecdh) {
        file.parameters.keys.ecdh.reset();
      }
      if (!key_encryption) {
        file.parameters.keys.key_encryption.reset();
      }
      const Bytes bytes = encoded(file);
      const auto again = decode_factory(bytes);
      ASSERT_TRUE(again);
      EXPECT_EQ(again->parameters.keys.ecdh.has_value(), ecdh);
      EXPECT_EQ(again->parameters.keys.key_encryption.has_value(), key_encryption);
      EXPECT_EQ(encoded(*again), bytes);
    }
  }
}

TEST(Factory, T31_EveryChangedBitIsRefused) {
  const Bytes bytes = encoded(sample_factory());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes mutant = bytes;
      mutant[at] ^= static_cast<std::uint8_t>(1U << bit);
      EXPECT_EQ(decode_factory(mutant).error(), Error::kCorrupt);
    }
  }
}

TEST(Factory, T31_EveryCutAndEveryExtensionIsRefused) {
  const Bytes bytes = encoded(sample_factory());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_factory(ByteView(bytes).first(size)));
  }
  Bytes longer = bytes;
  for (int i = 0; i < 8; ++i) {
    longer.push_back(0);
    EXPECT_FALSE(decode_factory(longer));
  }
}

// With a CRC that is right again: what is accepted is exactly what would be written.
TEST(Factory, EveryChangedByteIsRefusedOrMeansWhatItSays) {
  const Bytes bytes = encoded(sample_factory());
  std::size_t refused = 0;
  for (std::size_t at = 0; at + 4 < bytes.size(); ++at) {
    for (unsigned change = 1; change < 256; ++change) {
      Bytes mutant = bytes;
      mutant[at] ^= static_cast<std::uint8_t>(change);
      renew_crc(mutant);
      const auto file = decode_factory(mutant);
      refused += file ? 0 : 1;
      if (file) {
        ASSERT_EQ(encoded(*file), mutant) << "byte " << at;
      }
    }
  }
  EXPECT_GT(refused, bytes.size() * 64);
}

TEST(Factory, EveryCutWithItsCrcIsRefused) {
  const Bytes bytes = encoded(sample_factory());
  for (std::size_t size = 0; size + 4 < bytes.size(); ++size) {
    Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    cut.resize(size + 4);
    renew_crc(cut);
    EXPECT_FALSE(decode_factory(cut));
  }
}

Bytes with_crc(const cbor::Encoder& encoder) {
  Bytes bytes(encoder.finish()->begin(), encoder.finish()->end());
  bytes.resize(bytes.size() + 4);
  renew_crc(bytes);
  return bytes;
}

TEST(Factory, OtherFilesAndNewerFormats) {
  std::array<std::uint8_t, 64> buffer{};
  cbor::Encoder other(buffer);
  other.map(1).integer(0).text("ferry-somewhat");
  EXPECT_EQ(decode_factory(with_crc(other)).error(), Error::kInvalidArgument);
  cbor::Encoder newer(buffer);
  newer.map(2).integer(0).text("ferry-factory").integer(1).unsigned_integer(2);
  EXPECT_EQ(decode_factory(with_crc(newer)).error(), Error::kUnsupported);
}

TEST(Factory, SaysWhenTheBufferIsTooSmall) {
  const std::size_t needed = encoded(sample_factory()).size();
  Bytes buffer(needed);
  EXPECT_TRUE(encode_factory(sample_factory(), buffer));
  for (std::size_t size = 0; size < needed; ++size) {
    EXPECT_EQ(encode_factory(sample_factory(), ByteSpan(buffer).first(size)).error(), Error::kNoSpace);
  }
}

TEST(Factory, UuidAsText) {
  EXPECT_STREQ(to_text(counting_from<Uuid>(0xA0)).data(), "a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf");
}

}  // namespace
}  // namespace ferry
