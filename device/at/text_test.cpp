#include "device/at/text.h"

#include <gtest/gtest.h>

namespace ferry::at {
namespace {

TEST(Text, NumbersAreDigitsAlone) {
  EXPECT_EQ(number("0"), 0U);
  EXPECT_EQ(number("4294967295"), 4294967295U);
  for (const auto* text : {"", "4294967296", "12a", "+1", "-1", " 1", "99999999999"}) {
    EXPECT_FALSE(number(text)) << text;
  }
}

TEST(Text, FieldsRespectQuotes) {
  constexpr std::string_view kText = R"(1,"TCP","a,b",80,,)";
  EXPECT_EQ(field_count(kText), 6U);
  EXPECT_EQ(field(kText, 0), "1");
  EXPECT_EQ(unquoted(field(kText, 2)), "a,b");
  EXPECT_EQ(number_field(kText, 3), 80U);
  EXPECT_EQ(field(kText, 4), "");
  EXPECT_EQ(field(kText, 9), "");
  EXPECT_FALSE(number_field(kText, 9));
  EXPECT_EQ(field_count(""), 1U);
}

TEST(Text, WhatGoesBetweenQuotesIsPlain) {
  EXPECT_TRUE(is_quotable("ftp.example"));
  EXPECT_FALSE(is_quotable("a\"b"));
  EXPECT_FALSE(is_quotable("a\r"));
  EXPECT_FALSE(is_quotable("a b"));
  EXPECT_FALSE(is_quotable("\xC3\xA4"));
  EXPECT_FALSE(is_quotable("a\\22"));
}

}  // namespace
}  // namespace ferry::at
