#include "servers/ftp/path.h"

#include <gtest/gtest.h>

namespace ferry::server::ftp {
namespace {

std::string resolved(std::string_view from, std::string_view text) {
  const auto path = Path().resolve(from)->resolve(text);
  return path ? path->text() : "refused";
}

TEST(FtpPath, Resolves) {
  EXPECT_EQ(resolved("/a/b", "c"), "/a/b/c");
  EXPECT_EQ(resolved("/a/b", "/c"), "/c");
  EXPECT_EQ(resolved("/a/b", ".."), "/a");
  EXPECT_EQ(resolved("/a/b", "../../c"), "/c");
  EXPECT_EQ(resolved("/a/b", "."), "/a/b");
  EXPECT_EQ(resolved("/a/b", ""), "/a/b");
  EXPECT_EQ(resolved("/a", "b//c///"), "/a/b/c");
  EXPECT_EQ(resolved("/a", "..."), "/a/...");
  EXPECT_EQ(resolved("/", "~"), "/~");
}

TEST(FtpPath, T50_NeverLeadsOut) {
  for (const char* text : {"..", "../..", "/..", "a/../..", "../../../../etc/passwd", "/a/b/../../../c", "././.."}) {
    EXPECT_EQ(resolved("/", text), "refused") << text;
  }
}

TEST(FtpPath, T50_LimitsOfNamesAndDepth) {
  EXPECT_EQ(Path().resolve(std::string(255, 'a'))->names().size(), 1U);
  EXPECT_EQ(Path().resolve(std::string(256, 'a')).error(), Path::Refusal::kTooLong);
  std::string deep;
  for (std::size_t i = 0; i < Path::kMaxNames; ++i) {
    deep += "/a";
  }
  EXPECT_TRUE(Path().resolve(deep).has_value());
  EXPECT_EQ(Path().resolve(deep + "/a").error(), Path::Refusal::kTooLong);
}

TEST(FtpPath, ParentOfTheRootIsTheRoot) {
  EXPECT_TRUE(Path().parent().is_root());
  EXPECT_EQ(Path().text(), "/");
}

}  // namespace
}  // namespace ferry::server::ftp
