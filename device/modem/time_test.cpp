#include "device/modem/time.h"

#include <gtest/gtest.h>

namespace ferry::modem {
namespace {

std::int64_t seconds(std::string_view info, bool is_utc = false) {
  const auto time = parse_time(info, is_utc);
  return time ? time->time_since_epoch().count() : -1;
}

TEST(Time, ZonesAreQuarterHours) {
  EXPECT_EQ(seconds("\"26/01/10,07:06:40+32\""), 1'768'000'000);
  EXPECT_EQ(seconds("\"26/01/09, 18:06:40-20\""), 1'768'000'000);
  EXPECT_EQ(seconds("\"26/01/09,23:06:40\""), 1'768'000'000);
  EXPECT_EQ(seconds("\"2026/01/09,23:06:40+32,0\"", true), 1'768'000'000);
}

TEST(Time, WhatCannotBeTrueIsNoTime) {
  for (const auto* info :
       {"\"80/01/06,00:00:03+00\"", "\"70/01/01,00:00:00+00\"", "\"26/13/01,00:00:00+00\"", "\"26/02/30,00:00:00+00\"",
        "\"26/01/01,24:00:00+00\"", "\"26/01/01,00:60:00+00\"", "\"26/01/01,00:00:00+99\"", "\"\"", "", "\"26/01/01\"",
        "\"26-01-01,00:00:00\"", "\"23/12/31,23:59:59+00\""}) {
    EXPECT_EQ(seconds(info), -1) << info;
  }
}

}  // namespace
}  // namespace ferry::modem
