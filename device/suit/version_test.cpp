#include "device/suit/version.h"

#include <gtest/gtest.h>
#include <vector>

namespace ferry::suit {
namespace {

Version version(std::string_view text) {
  return Version::parse(text).value();
}

std::string round_trip(std::string_view text) {
  std::array<std::uint8_t, 64> buffer{};
  return std::string(version(text).format(buffer).value());
}

TEST(Version, ParsesAndFormats) {
  for (const std::string_view text : {"1", "2.1", "2.1.0", "0.0.1", "2.1.0-rc.1", "2.1.0-beta.12", "2.1.0-alpha",
                                      "1-rc", "2147483647.0", "1.2.3.4.5.6.7.8"}) {
    EXPECT_EQ(round_trip(text), text);
  }
  EXPECT_EQ(version("2.1.0-rc.1").parts[3], -1);
  EXPECT_EQ(version("2.1.0-rc.1").count, 5U);
}

TEST(Version, RefusesOtherText) {
  for (const std::string_view text : {"",           ".",
                                      "1.",         ".1",
                                      "1..2",       "-1",
                                      "1.-2",       "1-",
                                      "1-2",        "1-gamma",
                                      "1-rc-1",     "v1",
                                      "1.0 ",       " 1",
                                      "+1",         "1.2.3.4.5.6.7.8.9",
                                      "2147483648", "99999999999999999999",
                                      "1.rc",       "1-RC"}) {
    EXPECT_EQ(Version::parse(text).error(), Error::kInvalidArgument) << text;
  }
}

TEST(Version, FormatNeedsRoom) {
  std::array<std::uint8_t, 4> buffer{};
  EXPECT_EQ(version("10.20").format(buffer).error(), Error::kNoSpace);
  EXPECT_EQ(version("10.2").format(buffer), "10.2");
}

TEST(Version, DecodesAListOfIntegers) {
  const auto decode = [](std::vector<std::uint8_t> bytes) { return Version::decode(bytes); };
  EXPECT_EQ(decode({0x83, 2, 1, 0}), version("2.1.0"));
  EXPECT_EQ(decode({0x85, 2, 1, 0, 0x20, 1}), version("2.1.0-rc.1"));
  EXPECT_EQ(decode({0x80}).error(), Error::kManifestMalformed);
  EXPECT_EQ(decode({0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9}).error(), Error::kManifestMalformed);
  EXPECT_EQ(decode({0x81, 0x23}).error(), Error::kManifestMalformed);  // -4
  EXPECT_EQ(decode({0x81, 0x1A, 0x80, 0, 0, 0}).error(), Error::kManifestMalformed);
  EXPECT_EQ(decode({0x81, 1, 1}).error(), Error::kCborTrailingData);
  EXPECT_EQ(decode({0x81, 0x61, 'a'}).error(), Error::kCborWrongType);
  EXPECT_EQ(decode({0x82, 1}).error(), Error::kCborTruncated);
}

TEST(Version, ComparesElementByElement) {
  const std::vector<std::string_view> ascending = {"1.9",          "2.0.9",      "2.1.0-alpha.2", "2.1.0-beta.1",
                                                   "2.1.0-beta.2", "2.1.0-rc.1", "2.1.0",         "2.1.1",
                                                   "2.10.0",       "10.0"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      const int expected = i < j ? -1 : (i > j ? 1 : 0);
      EXPECT_EQ(version(ascending[i]).compare(version(ascending[j]), Version::kMaxParts), expected)
          << ascending[i] << " and " << ascending[j];
    }
  }
}

TEST(Version, HoldsOverTheLengthOfWhatIsWanted) {
  using enum Comparison;
  const auto check = [](std::string_view installed, Comparison comparison, std::string_view wanted) {
    return holds(version(installed), comparison, version(wanted));
  };
  EXPECT_TRUE(check("2.1.7", kEqual, "2.1"));
  EXPECT_FALSE(check("2.1.7", kGreater, "2.1"));
  EXPECT_FALSE(check("2.1.7", kLesser, "2.1"));
  EXPECT_TRUE(check("2.1.7", kGreaterEqual, "2.1"));
  EXPECT_TRUE(check("2.1.7", kLesserEqual, "2.1"));
  EXPECT_TRUE(check("2.0.9", kLesser, "2.1"));
  EXPECT_TRUE(check("2.2", kGreater, "2.1.0"));
  EXPECT_TRUE(check("2.1", kEqual, "2.1.0"));  // what is missing counts as 0
  EXPECT_TRUE(check("2.1.0-rc.1", kLesser, "2.1.0.0"));
  EXPECT_FALSE(check("2.1.0-rc.1", kLesser, "2.1.0"));  // over three elements they are equal
}

}  // namespace
}  // namespace ferry::suit
