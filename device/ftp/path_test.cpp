#include "device/ftp/path.h"

#include <gtest/gtest.h>
#include <string>

namespace ferry::ftp {
namespace {

TEST(FtpPath, PlainRelativePathsAreSafe) {
  for (const char* path :
       {"a", "1.2.3/app.ferry", "v1.2.3+7/app-a_b.bin", "a/.hidden", "a..b", "..a/b..", "...", "a b", "x@y=z,(1)"}) {
    EXPECT_TRUE(is_safe_path(path)) << path;
  }
  EXPECT_TRUE(is_safe_path(std::string(kMaxPath, 'a')));
}

TEST(FtpPath, T25_EverythingElseIsRefused) {
  for (const char* path :
       {"",     "/a",    "//host/a", "a//b",      "a/",           ".",      "..",   "../a",     "a/../b",      "a/..",
        "a/.",  "./a",   "~",        "~a/b",      "ftp://host/a", "http:a", "c:/a", "a\\..\\b", "a\r\nDELE b", "a\nb",
        "a\tb", "a\x7f", "a\xff",    "b\xc3\xa4", "a%2f..",       "a?b",    "a#b",  "*"}) {
    EXPECT_FALSE(is_safe_path(path)) << path;
  }
  EXPECT_FALSE(is_safe_path(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_safe_path(std::string(kMaxPath + 1, 'a')));
}

TEST(FtpPath, T25_ArgumentsHoldNoControlCharacters) {
  EXPECT_TRUE(is_argument("/root/\xc3\xa4/a b"));
  for (std::string_view text : {std::string_view(""), std::string_view("a\r\nQUIT"), std::string_view("a\0", 2),
                                std::string_view("\xff"), std::string_view("a\x7f"), std::string_view("a\x1b")}) {
    EXPECT_FALSE(is_argument(text));
  }
  EXPECT_FALSE(is_argument(std::string(kMaxPath + 1, 'a')));
}

}  // namespace
}  // namespace ferry::ftp
