#include "device/cbor/encoder.h"

#include <array>
#include <gtest/gtest.h>
#include <string>

namespace ferry::cbor {
namespace {

// The bytes that `write` makes, as hexadecimal text.
template <typename Write>
std::string encoded(Write write) {
  std::array<std::uint8_t, 64> buffer{};
  Encoder encoder(buffer);
  write(encoder);
  std::string text;
  const auto bytes = encoder.finish();
  for (const std::uint8_t byte : bytes.value_or(ByteView())) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += {kDigits[byte >> 4], kDigits[byte & 0xFU]};
  }
  return text;
}

std::string integer(std::int64_t value) {
  return encoded([&](Encoder& out) { out.integer(value); });
}

TEST(Encoder, IntegersAtEveryChangeOfLength) {
  EXPECT_EQ(integer(0), "00");
  EXPECT_EQ(integer(23), "17");
  EXPECT_EQ(integer(24), "1818");
  EXPECT_EQ(integer(255), "18ff");
  EXPECT_EQ(integer(256), "190100");
  EXPECT_EQ(integer(65535), "19ffff");
  EXPECT_EQ(integer(65536), "1a00010000");
  EXPECT_EQ(integer(4294967295), "1affffffff");
  EXPECT_EQ(integer(4294967296), "1b0000000100000000");
  EXPECT_EQ(integer(INT64_MAX), "1b7fffffffffffffff");
  EXPECT_EQ(integer(-1), "20");
  EXPECT_EQ(integer(-24), "37");
  EXPECT_EQ(integer(-25), "3818");
  EXPECT_EQ(integer(-256), "38ff");
  EXPECT_EQ(integer(-257), "390100");
  EXPECT_EQ(integer(INT64_MIN), "3b7fffffffffffffff");
  EXPECT_EQ(encoded([](Encoder& out) { out.unsigned_integer(UINT64_MAX); }), "1bffffffffffffffff");
}

TEST(Encoder, EveryKindOfItem) {
  constexpr std::array<std::uint8_t, 4> kBytes = {1, 2, 3, 4};
  EXPECT_EQ(encoded([&](Encoder& out) { out.bytes(kBytes); }), "4401020304");
  EXPECT_EQ(encoded([&](Encoder& out) { out.bytes({}); }), "40");
  EXPECT_EQ(encoded([&](Encoder& out) { out.bytes_head(4).raw(kBytes); }), "4401020304");
  EXPECT_EQ(encoded([](Encoder& out) { out.text("IETF"); }), "6449455446");
  EXPECT_EQ(encoded([](Encoder& out) { out.text(""); }), "60");
  EXPECT_EQ(encoded([](Encoder& out) { out.array(2).boolean(true).boolean(false); }), "82f5f4");
  EXPECT_EQ(encoded([](Encoder& out) { out.map(1).integer(1).null(); }), "a101f6");
  EXPECT_EQ(encoded([](Encoder& out) { out.tag(107).array(25); }), "d86b9819");
  EXPECT_EQ(encoded([](Encoder& out) { out.float64(1.1); }), "fb3ff199999999999a");
  EXPECT_EQ(encoded([](Encoder& out) { out.float64(-4.1); }), "fbc010666666666666");
}

TEST(Encoder, AFullBufferIsSaidOnceAndForAll) {
  std::array<std::uint8_t, 4> buffer{};
  Encoder encoder(buffer);
  encoder.text("abc");
  EXPECT_EQ(encoder.finish()->size(), 4U);
  encoder.integer(1);
  EXPECT_EQ(encoder.finish().error(), Error::kNoSpace);

  Encoder too_long(buffer);
  too_long.text("abcd");
  EXPECT_EQ(too_long.finish().error(), Error::kNoSpace);
  too_long.raw({});
  EXPECT_EQ(too_long.finish().error(), Error::kNoSpace);
}

}  // namespace
}  // namespace ferry::cbor
