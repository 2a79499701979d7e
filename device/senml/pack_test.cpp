#include "device/senml/pack.h"

#include <gtest/gtest.h>

namespace ferry::senml {
namespace {

TEST(PackWriter, FirstRecordCarriesTheBase) {
  std::array<std::uint8_t, 256> buffer{};
  PackWriter pack(buffer, 2, "urn:dev:ops:1:", 1780000000);
  pack.add("power", "W", 1234.5).add_text("state", "on", -5);
  const auto bytes = pack.finish();
  ASSERT_TRUE(bytes);
  const ByteView copy = *bytes;

  EXPECT_EQ(copy[0], 0x82);  // two records
  EXPECT_EQ(copy[1], 0xA5);  // bn, bt, n, u, v
  EXPECT_EQ(copy[2], 0x21);  // -2
}

TEST(PackWriter, GoldenBytes) {
  std::array<std::uint8_t, 64> buffer{};
  PackWriter pack(buffer, 1, "d:", 0);
  pack.add("p", "W", 1.5);
  const auto bytes = pack.finish();
  ASSERT_TRUE(bytes);
  constexpr std::array<std::uint8_t, 22> expected = {0x81, 0xA4, 0x21, 0x62, 'd',  ':',  0x00, 0x61, 'p',  0x01, 0x61,
                                                     'W',  0x02, 0xFB, 0x3F, 0xF8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
  EXPECT_TRUE(equal(*bytes, expected));
}

TEST(PackWriter, TooSmallABuffer) {
  std::array<std::uint8_t, 8> buffer{};
  PackWriter pack(buffer, 1, "name", 0);
  EXPECT_EQ(pack.add("power", "W", 1).finish().error(), Error::kSenmlTooLarge);
}

TEST(PackWriter, MissingAndSurplusRecords) {
  std::array<std::uint8_t, 128> buffer{};
  EXPECT_EQ(PackWriter(buffer, 2, "d", 0).add("a", "", 1).finish().error(), Error::kWrongState);
  EXPECT_EQ(PackWriter(buffer, 0, "d", 0).add("a", "", 1).finish().error(), Error::kWrongState);
}

}  // namespace
}  // namespace ferry::senml
