#include "host/text.h"

#include <gtest/gtest.h>

#include "host/failure.h"

namespace ferry::host {
namespace {

TEST(HostText, Lengths) {
  EXPECT_EQ(parse_length("90d").count(), 90 * 86400);
  EXPECT_EQ(parse_length("4h").count(), 4 * 3600);
  EXPECT_EQ(parse_length("1s").count(), 1);
  for (const std::string_view text : {"", "d", "90", "-1d", "0d", "1y", "9999999999999999999d", "1.5d"}) {
    EXPECT_THROW((void)parse_length(text), Failure) << text;
  }
}

TEST(HostText, Windows) {
  WindowSettings window;
  parse_window("22:30+90m", window);
  EXPECT_EQ(window.start_minute, 22 * 60 + 30);
  EXPECT_EQ(window.length_minutes, 90);
  for (const std::string_view text :
       {"", "1:00+4h", "01:00", "24:00+4h", "01:60+4h", "01:00+25h", "01:00+10s", "+4h"}) {
    EXPECT_THROW(parse_window(text, window), Failure) << text;
  }
}

TEST(HostText, Zones) {
  EXPECT_EQ(parse_zone("+08:00"), 480);
  EXPECT_EQ(parse_zone("-03:30"), -210);
  EXPECT_EQ(parse_zone("Z"), 0);
  for (const std::string_view text : {"", "8", "08:00", "+8:00", "+15:00", "UTC"}) {
    EXPECT_THROW((void)parse_zone(text), Failure) << text;
  }
}

TEST(HostText, Days) {
  EXPECT_EQ(parse_days("daily"), 0x7F);
  EXPECT_EQ(parse_days("mon-fri"), 0x1F);
  EXPECT_EQ(parse_days("sat-mon"), 0x61);
  EXPECT_EQ(parse_days("mon,wed"), 0x05);
  EXPECT_EQ(format_days(0x61), "mon,sat,sun");
  for (const std::string_view text : {"", "monday", "mon,", "mon-", "1"}) {
    EXPECT_THROW((void)parse_days(text), Failure) << text;
  }
}

TEST(HostText, Urls) {
  const Url url = parse_url("ftp://dev:p%40ss:word@files.example:2121/firmware/x", "ftp", 21);
  EXPECT_EQ(url.user, "dev");
  EXPECT_EQ(url.password, "p@ss:word");
  EXPECT_EQ(url.host, "files.example");
  EXPECT_EQ(url.port, 2121);
  EXPECT_EQ(url.path, "firmware/x");
  EXPECT_EQ(parse_url("mqtt://hub.example", "mqtt", 1883).port, 1883);
  EXPECT_EQ(parse_url("ftp://[::1]:21/", "ftp", 21).host, "::1");
  for (const std::string_view text : {"", "http://x", "ftp://", "ftp://:21", "ftp://x:0", "ftp://x:66000", "ftp://x:y",
                                      "ftp://[::1", "ftp://a%0d%0ab@x", "ftp://a%4@x"}) {
    EXPECT_THROW((void)parse_url(text, "ftp", 21), Failure) << text;
  }
}

TEST(HostText, Times) {
  EXPECT_EQ(format_time(1'700'000'000), "2023-11-14T22:13:20Z");
}

}  // namespace
}  // namespace ferry::host
