#include "servers/hub/senml.h"

#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

#include "device/cbor/encoder.h"
#include "device/senml/pack.h"
#include "host/bytes.h"

namespace ferry::hub {
namespace {

constexpr double kNow = 1.78e9;

Understood<std::vector<Reading>> decode(std::string_view pack, double now = kNow) {
  return decode_senml(as_bytes(pack), now);
}
Understood<std::vector<Reading>> decode_hex(std::string_view hex) {
  const auto bytes = host::from_hex(hex).value();
  return decode_senml(bytes, kNow);
}
Refusal refusal(std::string_view pack) {
  const auto readings = decode(pack);
  EXPECT_FALSE(readings) << pack;
  return readings ? Refusal::kReplayed : readings.error();
}

// RFC 8428, 5.1.3
constexpr std::string_view kExample = R"([
  {"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,"n":"voltage","u":"V","v":120.1},
  {"n":"current","t":-5,"v":1.2},
  {"n":"current","t":-4,"v":1.3},
  {"n":"current","t":-3,"v":1.4},
  {"n":"current","t":-2,"v":1.5},
  {"n":"current","t":-1,"v":1.6},
  {"n":"current","v":1.7}
])";

// RFC 8428, 6: the same in CBOR
constexpr std::string_view kExampleCbor =
    "87a721781b75726e3a6465763a6f773a313065323037336130313038303036"
    "3a22fb41d303a15b00106223614120050067766f6c7461676501615602fb405e066666666666"
    "a3006763757272656e74062402fb3ff3333333333333a3006763757272656e74062302fb3ff4cccccccccccd"
    "a3006763757272656e74062202fb3ff6666666666666a3006763757272656e74062102f93e00"
    "a3006763757272656e74062002fb3ff999999999999aa3006763757272656e74060002fb3ffb333333333333";

TEST(Senml, ResolvesTheExampleOfTheStandard) {
  const auto readings = decode(kExample).value();
  ASSERT_EQ(readings.size(), 7U);
  EXPECT_EQ(readings[0].name, "urn:dev:ow:10e2073a0108006:voltage");
  EXPECT_EQ(readings[0].unit, "V");
  EXPECT_EQ(readings[0].value, 120.1);
  EXPECT_EQ(readings[0].time, 1276020076.001);
  EXPECT_EQ(readings[1].name, "urn:dev:ow:10e2073a0108006:current");
  EXPECT_EQ(readings[1].unit, "A");
  EXPECT_EQ(readings[1].time, 1276020071.001);
  EXPECT_EQ(readings[6].value, 1.7);
}

TEST(Senml, CborSaysTheSame) {
  EXPECT_EQ(decode_hex(kExampleCbor).value(), decode(kExample).value());
}

TEST(Senml, WhatTheDeviceLibraryWrites) {
  std::array<std::uint8_t, 256> buffer{};
  senml::PackWriter writer(buffer, 3, "urn:dev:ops:0001:", 1.7e9);
  writer.add("voltage", "V", 230.5).add("energy", "kWh", 12.25, -60).add_text("mode", "eco");
  const auto readings = decode_senml(writer.finish().value(), kNow).value();
  ASSERT_EQ(readings.size(), 3U);
  EXPECT_EQ(readings[1],
            (Reading{.name = "urn:dev:ops:0001:energy", .unit = "kWh", .time = 1.7e9 - 60, .value = 12.25}));
  EXPECT_EQ(readings[2], (Reading{.name = "urn:dev:ops:0001:mode", .unit = "", .time = 1.7e9, .text = "eco"}));
}

TEST(Senml, RelativeTimesCountFromNow) {
  EXPECT_EQ(decode(R"([{"n":"a","v":1}])").value()[0].time, kNow);
  EXPECT_EQ(decode(R"([{"n":"a","v":1,"t":-90}])").value()[0].time, kNow - 90);
  EXPECT_EQ(decode(R"([{"n":"a","v":1,"bt":10,"t":5}])").value()[0].time, kNow + 15);
}

TEST(Senml, EveryKindOfValue) {
  const auto json =
      decode(R"([{"n":"a","vb":true},{"n":"b","vs":"x"},{"n":"c","vd":"AQID_w"},{"n":"d","bv":20,"v":1}])");
  const auto cbor = decode_hex(
      "84a2006161"
      "04f5"
      "a2006162"
      "036178"
      "a2006163"
      "0844010203ff"
      "a3006164"
      "2414"
      "0201");
  ASSERT_TRUE(json);
  ASSERT_TRUE(cbor);
  EXPECT_EQ(*json, *cbor);
  EXPECT_EQ((*json)[0].value, 1);
  EXPECT_EQ((*json)[1].text, "x");
  EXPECT_EQ((*json)[2].text, "AQID_w");
  EXPECT_EQ((*json)[3].value, 21);
}

TEST(Senml, UnknownFieldsArePassedOverUnlessTheyMustBeUnderstood) {
  EXPECT_TRUE(decode(R"([{"n":"a","v":1,"foo":[1],"ut":5}])"));
  EXPECT_TRUE(
      decode_hex("81a3006161"
                 "0201"
                 "63666f6f8101"));
  EXPECT_TRUE(
      decode_hex("81a3006161"
                 "0201"
                 "0705"));
  EXPECT_EQ(refusal(R"([{"n":"a","v":1,"foo_":1}])"), Refusal::kMalformed);
  EXPECT_EQ(decode_hex("81a3006161"
                       "0201"
                       "64666f6f5f01")
                .error(),
            Refusal::kMalformed);
}

TEST(Senml, IndefiniteLengths) {
  EXPECT_TRUE(
      decode_hex("9fbf006161"
                 "0201ff"
                 "a2006162"
                 "0202ff"));
}

TEST(Senml, T61_Malformed) {
  for (const char* pack : {"",
                           " ",
                           "[",
                           "[]",
                           "{}",
                           "null",
                           "[1]",
                           "[[]]",
                           "[{}]",
                           R"([{"n":"a"}])",
                           R"([{"v":1}])",
                           R"([{"n":"a","v":"1"}])",
                           R"([{"n":"a","v":true}])",
                           R"([{"n":"a","v":1,"vs":"x"}])",
                           R"([{"n":"a","v":null}])",
                           R"([{"n":1,"v":1}])",
                           R"([{"n":"a","vs":1}])",
                           R"([{"n":"a","vb":1}])",
                           R"([{"n":"a","s":1}])",
                           R"([{"n":"a","v":1,"t":"x"}])",
                           R"([{"n":"a","v":1,"bver":11}])",
                           R"([{"n":"a","v":1,"bver":"5"}])",
                           R"([{"n":"a","v":1}]x)",
                           R"([{"n":"a","v":1,}])",
                           "[{\"n\":\"a\",\"vs\":\"\xff\"}]",
                           "[{\"n\":\"a\",\"vs\":\"\\u0000\"}]",
                           R"([{"n":"a","v":1,"x":{"y":{"z":{}}}}])",
                           R"([{"n":"a","v":1e999}])",
                           R"([{"n":"a","v":NaN}])"}) {
    EXPECT_FALSE(decode(pack)) << pack;
  }
  for (const char* hex : {"80", "a0", "01", "81", "8101", "8180", "81a0", "81a1006161",
                          "81a2006161"
                          "0261"
                          "31",
                          "81a2006161"
                          "02f5",
                          "81a3006161"
                          "02010202",
                          "81a3006161"
                          "00616202"
                          "01",
                          "81a2006161"
                          "020100",
                          "81a3006161"
                          "0201"
                          "200b",
                          "81a3006161"
                          "0201"
                          "2000",
                          "81a2f4010201",
                          "81a2016161"
                          "0201"}) {
    EXPECT_FALSE(decode_hex(hex)) << hex;
  }
}

TEST(Senml, T61_Names) {
  EXPECT_EQ(refusal(R"([{"v":1}])"), Refusal::kBadName);
  EXPECT_EQ(refusal(R"([{"n":"","v":1}])"), Refusal::kBadName);
  EXPECT_EQ(refusal(R"([{"n":"<script>","v":1}])"), Refusal::kBadName);
  EXPECT_EQ(refusal(R"([{"n":"a b","v":1}])"), Refusal::kBadName);
  EXPECT_EQ(refusal(R"([{"n":"-a","v":1}])"), Refusal::kBadName);
  EXPECT_EQ(refusal(R"([{"n":"\u00e4","v":1}])"), Refusal::kBadName);
  const std::string half(100, 'a');
  EXPECT_EQ(refusal(R"([{"bn":")" + half + R"(","n":")" + half + R"(","v":1}])"), Refusal::kBadName);
  EXPECT_FALSE(decode(R"([{"n":")" + std::string(kMaxName + 1, 'a') + R"(","v":1}])"));
  EXPECT_TRUE(decode(R"([{"n":")" + std::string(kMaxName, 'a') + R"(","v":1}])"));
}

TEST(Senml, T61_NotFinite) {
  for (const char* value : {"f97c00", "f97e00", "fb7ff0000000000000", "fb7ff8000000000000", "c4821903e801"}) {
    const auto readings = decode_hex(std::string("81a200616102") + value);
    ASSERT_FALSE(readings) << value;
    EXPECT_EQ(readings.error(), Refusal::kNotFinite) << value;
    const auto timed = decode_hex(std::string("81a3006161020106") + value);
    ASSERT_FALSE(timed) << value;
    EXPECT_NE(timed.error(), Refusal::kMalformed) << value;
  }
  EXPECT_EQ(refusal(R"([{"n":"a","bv":1.7e308,"v":1.7e308}])"), Refusal::kNotFinite);
}

TEST(Senml, T61_FarFutureAndBeforeTheEpoch) {
  const auto at = [](double time) { return R"([{"n":"a","v":1,"t":)" + std::to_string(time) + "}]"; };
  EXPECT_TRUE(decode(at(kNow + kFarFuture - 1)));
  EXPECT_EQ(refusal(at(kNow + kFarFuture + 1)), Refusal::kFarFuture);
  EXPECT_EQ(refusal(at(86401)), Refusal::kFarFuture);  // relative
  EXPECT_EQ(refusal(at(1e300)), Refusal::kFarFuture);
  EXPECT_EQ(refusal(at(-2e9)), Refusal::kBadTime);
}

TEST(Senml, T61_Huge) {
  EXPECT_EQ(refusal(std::string(kMaxPack + 1, ' ')), Refusal::kTooLarge);
  std::string many = "[";
  for (std::size_t i = 0; i < kMaxRecords; ++i) {
    many += R"({"n":"a","v":1},)";
  }
  EXPECT_EQ(refusal(many + R"({"n":"a","v":1}])"), Refusal::kTooMany);
  many.back() = ']';
  EXPECT_EQ(decode(many).value().size(), kMaxRecords);
  EXPECT_EQ(refusal(R"([{"n":"a","vs":")" + std::string(kMaxText + 1, 'x') + R"("}])"), Refusal::kMalformed);
  EXPECT_EQ(refusal(std::string(kMaxPack, '[')), Refusal::kMalformed);
}

// Whatever the bytes are, the answer is readings with finite values or a refusal.
void judge(ByteView bytes) {
  const auto readings = decode_senml(bytes, kNow);
  if (!readings) {
    return;
  }
  for (const Reading& reading : *readings) {
    ASSERT_TRUE(std::isfinite(reading.time) && std::isfinite(reading.value.value_or(0)));
    ASSERT_FALSE(reading.name.empty());
  }
}

TEST(Senml, T61_EveryByteChanged) {
  for (host::Bytes bytes : {host::from_hex(kExampleCbor).value(), host::to_bytes(kExample)}) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      judge(ByteView(bytes).first(i));
      const std::uint8_t original = bytes[i];
      for (int value = 0; value < 256; value += 3) {
        bytes[i] = static_cast<std::uint8_t>(value);
        judge(bytes);
      }
      bytes[i] = original;
    }
  }
}

TEST(Senml, T61_RandomBytes) {
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    host::Bytes bytes(random() % 40);
    for (std::uint8_t& byte : bytes) {
      byte = static_cast<std::uint8_t>(random());
    }
    if (!bytes.empty() && round % 2 == 0) {
      bytes[0] = static_cast<std::uint8_t>(0x81 + random() % 3);
    }
    judge(bytes);
  }
}

}  // namespace
}  // namespace ferry::hub
