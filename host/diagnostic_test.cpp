#include "host/diagnostic.h"

#include <gtest/gtest.h>

#include "host/bytes.h"

namespace ferry::host {
namespace {

std::string of(std::string_view hex) {
  return diagnose(from_hex(hex).value());
}

TEST(HostDiagnostic, EveryType) {
  EXPECT_EQ(of("1818"), "24");
  EXPECT_EQ(of("29"), "-10");
  EXPECT_EQ(of("43010203"), "h'010203'");
  EXPECT_EQ(of("6161"), "\"a\"");
  EXPECT_EQ(of("8301f6f5"), "[1, null, true]");
  EXPECT_EQ(of("a10120"), "{1: -1}");
  EXPECT_EQ(of("d2a0"), "18({})");
  EXPECT_EQ(of("428101"), "<<[1]>>");
}

TEST(HostDiagnostic, WhatIsBrokenIsShown) {
  EXPECT_EQ(of(""), "!h''");
  EXPECT_EQ(of("0102"), "1!h'02'");
  EXPECT_EQ(of("82019f"), "[1, !h'9f'");
  EXPECT_EQ(of("9fff"), "!h'9fff'");
  EXPECT_EQ(diagnose(Bytes(40, 0x81)).find("!h'"), 17U);
}

TEST(HostDiagnostic, LongBytesAreCut) {
  EXPECT_EQ(diagnose(from_hex("43010203").value(), 2), "h'0102...'");
}

}  // namespace
}  // namespace ferry::host
