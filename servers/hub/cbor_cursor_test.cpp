#include "servers/hub/cbor_cursor.h"

#include <cmath>
#include <gtest/gtest.h>

#include "host/bytes.h"

namespace ferry::hub {
namespace {

using host::Bytes;

class Input {
 public:
  explicit Input(std::string_view hex) : bytes_(host::from_hex(hex).value()), cursor(bytes_) {}

 private:
  Bytes bytes_;

 public:
  CborCursor cursor;
};

// RFC 8949, appendix A
TEST(CborCursor, Numbers) {
  const std::pair<const char*, double> vectors[] = {
      {"00", 0},
      {"17", 23},
      {"1818", 24},
      {"1903e8", 1000},
      {"1b000000e8d4a51000", 1000000000000},
      {"1bffffffffffffffff", 18446744073709551615.0},
      {"20", -1},
      {"3903e7", -1000},
      {"3bffffffffffffffff", -18446744073709551616.0},
      {"f90000", 0.0},
      {"f93c00", 1.0},
      {"fb3ff199999999999a", 1.1},
      {"f93e00", 1.5},
      {"f97bff", 65504.0},
      {"fa47c35000", 100000.0},
      {"fa7f7fffff", 3.4028234663852886e+38},
      {"fb7e37e43c8800759c", 1.0e+300},
      {"f90001", 5.960464477539063e-8},
      {"f90400", 0.00006103515625},
      {"f9c400", -4.0},
      {"fbc010666666666666", -4.1},
      {"c48221196ab3", 273.15},  // decimal fraction
      {"c4820203", 300},
      {"1800", 0},  // not in its shortest form
  };
  for (const auto& [hex, value] : vectors) {
    Input input(hex);
    EXPECT_EQ(input.cursor.number(), value) << hex;
    EXPECT_TRUE(input.cursor.at_end()) << hex;
  }
  for (const char* hex : {"f97c00", "fa7f800000", "fb7ff0000000000000"}) {
    EXPECT_EQ(Input(hex).cursor.number(), INFINITY) << hex;
  }
  for (const char* hex : {"f97e00", "fa7fc00000", "fb7ff8000000000000"}) {
    EXPECT_TRUE(std::isnan(Input(hex).cursor.number().value())) << hex;
  }
}

TEST(CborCursor, T61_WhatIsNoNumber) {
  for (const char* hex : {"",         "18",           "19ff",       "f9",       "fa000000", "fb00000000000000",
                          "1c",       "1f",           "3f",         "5f",       "61",       "60",
                          "80",       "a0",           "c0",         "c4",       "c480",     "c48101",
                          "c4830102", "c482f93c0001", "c49f0102ff", "c5820102", "df",       "f4",
                          "f6",       "f820",         "fc",         "ff"}) {
    EXPECT_FALSE(Input(hex).cursor.number()) << hex;
  }
}

TEST(CborCursor, TextBytesBooleansIntegers) {
  EXPECT_EQ(Input("6161").cursor.text(), "a");
  EXPECT_EQ(Input("78026161").cursor.text(), "aa");
  EXPECT_EQ(Input("62c3bc").cursor.text(), "\u00fc");
  EXPECT_EQ(Input("f5").cursor.boolean(), true);
  EXPECT_EQ(Input("f4").cursor.boolean(), false);
  EXPECT_EQ(Input("3b7fffffffffffffff").cursor.integer(), INT64_MIN);
  EXPECT_EQ(Input("4201ff").cursor.bytes().value().size(), 2U);
  for (const char* hex : {"", "61", "62c3", "62c328", "6100", "7bffffffffffffffff61", "7f6161ff", "4161", "01"}) {
    EXPECT_FALSE(Input(hex).cursor.text()) << hex;
  }
  EXPECT_FALSE(Input("1b8000000000000000").cursor.integer());
  EXPECT_FALSE(Input("3b8000000000000000").cursor.integer());
  EXPECT_FALSE(Input("f6").cursor.boolean());
  EXPECT_FALSE(Input("5f41ffff").cursor.bytes());
}

TEST(CborCursor, ArraysOfKnownAndUnknownLength) {
  for (const char* hex : {"83010203", "9f010203ff", "9803010203"}) {
    Input input(hex);
    auto length = input.cursor.array().value();
    double sum = 0;
    while (input.cursor.more(length)) {
      sum += input.cursor.number().value();
    }
    EXPECT_EQ(sum, 6) << hex;
    EXPECT_TRUE(input.cursor.at_end()) << hex;
  }
}

TEST(CborCursor, SkipsWholeItems) {
  for (const char* hex : {"01", "f6", "fb7ff8000000000000", "62c3bc", "43010203", "8301820203820405", "a201020304",
                          "bf6161019f02ff03ff", "d9d9f701", "9fff", "80"}) {
    Input input(hex);
    EXPECT_TRUE(input.cursor.skip()) << hex;
    EXPECT_TRUE(input.cursor.at_end()) << hex;
  }
}

TEST(CborCursor, T61_SkipIsBounded) {
  EXPECT_TRUE(Input("8181818181818181"
                    "00")
                  .cursor.skip());
  std::string deep(20000, '8');
  for (std::size_t i = 1; i < deep.size(); i += 2) {
    deep[i] = '1';
  }
  EXPECT_FALSE(Input(deep).cursor.skip());
  for (const char* hex : {"9bffffffffffffffff", "bbffffffffffffffff00", "9f", "bf01", "bf01ff", "ff", "7f6161ff",
                          "5b7fffffffffffffff00"}) {
    EXPECT_FALSE(Input(hex).cursor.skip()) << hex;
  }
}

}  // namespace
}  // namespace ferry::hub
