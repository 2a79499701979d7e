#include "servers/hub/utf8.h"

#include <gtest/gtest.h>

namespace ferry::hub {
namespace {

using namespace std::string_literals;

TEST(Utf8, WhatIsGoodStaysAsItIs) {
  for (const std::string text : {"", "plain", "\u00e9\u20ac\U0001f600", "\x7f", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"}) {
    EXPECT_TRUE(is_storable(text)) << text;
    EXPECT_EQ(to_storable(text), text);
  }
}

TEST(Utf8, WhatIsNotIsReplacedByteByByte) {
  const std::string mark = "\uFFFD";
  EXPECT_EQ(to_storable("a\0b"s), "a" + mark + "b");
  EXPECT_EQ(to_storable("\xff"), mark);
  EXPECT_EQ(to_storable("\xc3"), mark);                        // cut off
  EXPECT_EQ(to_storable("\xc0\x80"), mark + mark);             // too long a form
  EXPECT_EQ(to_storable("\xed\xa0\x80"), mark + mark + mark);  // half a surrogate pair
  EXPECT_EQ(to_storable("\xf4\x90\x80\x80x"), mark + mark + mark + mark + "x");
  EXPECT_EQ(to_storable("\xc3(\xa9"), mark + "(" + mark);
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    EXPECT_EQ(is_storable(text), byte != 0 && byte < 0x80);
    EXPECT_TRUE(is_storable(to_storable(text)));
  }
}

}  // namespace
}  // namespace ferry::hub
