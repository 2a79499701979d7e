#include "servers/ftp/listing.h"

#include <gtest/gtest.h>

namespace ferry::server::ftp {
namespace {

constexpr std::int64_t kTime = 1'700'000'000;  // 2023-11-14 22:13:20

TEST(FtpListing, Forms) {
  const Listing listing{
      .entries = {{.name = "d", .is_folder = true, .modified = kTime}, {.name = "f g", .size = 12, .modified = kTime}}};
  const WallTime soon{std::chrono::seconds(kTime + 86400)};
  EXPECT_EQ(format_listing(listing, ListingForm::kLong, soon, true),
            "drwxr-xr-x   1 ferry    ferry               0 Nov 14 22:13 d\r\n"
            "-rw-r--r--   1 ferry    ferry              12 Nov 14 22:13 f g\r\n");
  EXPECT_EQ(format_listing(listing, ListingForm::kNames, soon, false), "d\r\nf g\r\n");
  EXPECT_EQ(format_listing(listing, ListingForm::kFacts, soon, false),
            "type=dir;modify=20231114221320;perm=el; d\r\n"
            "type=file;size=12;modify=20231114221320;perm=r; f g\r\n");
}

TEST(FtpListing, OldAndFutureFilesShowTheYear) {
  const Listing listing{.entries = {{.name = "f", .size = 1, .modified = kTime}}};
  for (const std::int64_t away : {-86400LL, 200 * 86400LL}) {
    const WallTime now{std::chrono::seconds(kTime + away)};
    EXPECT_EQ(format_listing(listing, ListingForm::kLong, now, false),
              "-r--r--r--   1 ferry    ferry               1 Nov 14  2023 f\r\n");
  }
}

}  // namespace
}  // namespace ferry::server::ftp
