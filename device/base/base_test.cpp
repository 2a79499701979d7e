#include <array>
#include <gtest/gtest.h>

#include "device/base/bytes.h"
#include "device/base/result.h"
#include "device/base/time.h"

namespace ferry {
namespace {

TEST(Bytes, Crc32OfTheStandardCheckString) {
  EXPECT_EQ(crc32(as_bytes("123456789")), 0xCBF43926U);
}

TEST(Bytes, Crc32Chains) {
  EXPECT_EQ(crc32(as_bytes("56789"), crc32(as_bytes("1234"))), crc32(as_bytes("123456789")));
}

TEST(Bytes, LittleEndianRoundTrip) {
  std::array<std::uint8_t, 8> bytes{};
  store_le64(bytes, 0x0123456789ABCDEFU);
  EXPECT_EQ(bytes[0], 0xEF);
  EXPECT_EQ(load_le64(bytes), 0x0123456789ABCDEFU);
  EXPECT_EQ(load_le32(bytes), 0x89ABCDEFU);
  EXPECT_EQ(load_le16(bytes), 0xCDEFU);
}

TEST(Bytes, SkipStopsAtTheEnd) {
  EXPECT_EQ(skip("abc", 0), "abc");
  EXPECT_EQ(skip("abc", 2), "c");
  EXPECT_EQ(skip("abc", 3), "");
  EXPECT_EQ(skip("abc", 4), "");
  EXPECT_EQ(skip("", 1), "");
}

Result<int> half(int value) {
  if (value % 2 != 0) {
    return fail(Error::kInvalidArgument);
  }
  return value / 2;
}

Result<int> quarter(int value) {
  FERRY_TRY_ASSIGN(const int once, half(value));
  FERRY_TRY(half(once));
  return once / 2;
}

TEST(Result, TryReturnsTheFirstError) {
  EXPECT_EQ(quarter(8), 2);
  EXPECT_EQ(quarter(6).error(), Error::kInvalidArgument);
  EXPECT_EQ(name(Error::kNotForThisDevice), "not_for_this_device");
}

TEST(Bytes, PlainSegmentsNeitherClimbNorAreEmpty) {
  for (const char* path : {"a", "a/b", "...", "a/.../b", ".a", "a.", "..a/b"}) {
    EXPECT_TRUE(has_plain_segments(path)) << path;
  }
  for (const char* path : {"", "/", "a/", "/a", "a//b", ".", "..", "a/..", "../a", "a/./b"}) {
    EXPECT_FALSE(has_plain_segments(path)) << path;
  }
}

}  // namespace
}  // namespace ferry
