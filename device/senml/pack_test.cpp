#include "device/senml/pack.h"

#include <cbor.h>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace ferry::senml {
namespace {

using Value = std::variant<double, std::string>;
using Record = std::map<int, Value>;

Value value_of(cbor_item_t* item) {
  if (cbor_isa_string(item)) {
    return std::string(reinterpret_cast<const char*>(cbor_string_handle(item)), cbor_string_length(item));
  }
  return cbor_float_get_float8(item);
}

// As libcbor reads it: an implementation by others.
std::vector<Record> read(ByteView bytes) {
  cbor_load_result loaded{};
  cbor_item_t* const pack = cbor_load(bytes.data(), bytes.size(), &loaded);
  EXPECT_NE(pack, nullptr);
  EXPECT_EQ(loaded.read, bytes.size());
  std::vector<Record> records;
  for (std::size_t i = 0; pack != nullptr && i < cbor_array_size(pack); ++i) {
    cbor_item_t* const map = cbor_array_handle(pack)[i];
    Record record;
    for (std::size_t pair = 0; pair < cbor_map_size(map); ++pair) {
      const cbor_pair& entry = cbor_map_handle(map)[pair];
      const int label = static_cast<int>(cbor_get_int(entry.key));
      record[cbor_isa_negint(entry.key) ? -1 - label : label] = value_of(entry.value);
    }
    EXPECT_EQ(record.size(), cbor_map_size(map)) << "a label twice";
    records.push_back(record);
  }
  if (pack != nullptr) {
    cbor_intermediate_decref(pack);
  }
  return records;
}

TEST(PackWriter, SaysWhatItWasTold) {
  std::array<std::uint8_t, 256> buffer{};
  PackWriter pack(buffer, 4, "urn:dev:ops:1:", 1780000000);
  pack.add("power", "W", 1234.5).add_text("state", "on", -5).add("count", "", -0.25, 2.5).add_text("note", "ü");
  const auto bytes = pack.finish();
  ASSERT_TRUE(bytes);
  const std::vector<Record> expected = {
      {{-2, "urn:dev:ops:1:"}, {-3, 1780000000.0}, {0, "power"}, {1, "W"}, {2, 1234.5}},
      {{0, "state"}, {3, "on"}, {6, -5.0}},
      {{0, "count"}, {2, -0.25}, {6, 2.5}},
      {{0, "note"}, {3, "ü"}},
  };
  EXPECT_EQ(read(*bytes), expected);
}

TEST(PackWriter, WithoutAClockTimesAreRelative) {
  std::array<std::uint8_t, 64> buffer{};
  PackWriter pack(buffer, 1, "d:", 0);
  const auto bytes = pack.add("p", "W", 1, -60).finish();
  ASSERT_TRUE(bytes);
  EXPECT_EQ(read(*bytes), (std::vector<Record>{{{-2, "d:"}, {0, "p"}, {1, "W"}, {2, 1.0}, {6, -60.0}}}));
}

TEST(PackWriter, GoldenBytes) {
  std::array<std::uint8_t, 64> buffer{};
  PackWriter pack(buffer, 1, "d:", 0);
  pack.add("p", "W", 1.5);
  const auto bytes = pack.finish();
  ASSERT_TRUE(bytes);
  constexpr std::array<std::uint8_t, 22> expected = {0x81, 0xA4, 0x21, 0x62, 'd',  ':',  0x00, 0x61, 'p',  0x01, 0x61,
                                                     'W',  0x02, 0xFB, 0x3F, 0xF8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
  EXPECT_TRUE(equal(*bytes, expected));
}

TEST(PackWriter, TooSmallABuffer) {
  std::array<std::uint8_t, 8> buffer{};
  PackWriter pack(buffer, 1, "name", 0);
  EXPECT_EQ(pack.add("power", "W", 1).finish().error(), Error::kSenmlTooLarge);
}

TEST(PackWriter, MissingAndSurplusRecords) {
  std::array<std::uint8_t, 128> buffer{};
  EXPECT_EQ(PackWriter(buffer, 2, "d", 0).add("a", "", 1).finish().error(), Error::kWrongState);
  EXPECT_EQ(PackWriter(buffer, 0, "d", 0).add("a", "", 1).finish().error(), Error::kWrongState);
}

TEST(PackWriter, NoRecordIsNoPack) {
  std::array<std::uint8_t, 16> buffer{};
  EXPECT_EQ(PackWriter(buffer, 0, "d", 0).finish().error(), Error::kWrongState);
}

TEST(PackWriter, T61_NumbersThatAreNone) {
  std::array<std::uint8_t, 128> buffer{};
  for (const double value : {std::nan(""), std::numeric_limits<double>::infinity(), -HUGE_VAL}) {
    EXPECT_EQ(PackWriter(buffer, 1, "d", 0).add("a", "", value).finish().error(), Error::kInvalidArgument);
    EXPECT_EQ(PackWriter(buffer, 1, "d", 0).add("a", "", 1, value).finish().error(), Error::kInvalidArgument);
    EXPECT_EQ(PackWriter(buffer, 1, "d", value).add("a", "", 1).finish().error(), Error::kInvalidArgument);
  }
}

TEST(PackWriter, T61_NamesThatAreNone) {
  std::array<std::uint8_t, 128> buffer{};
  const auto add = [&](std::string_view base, std::string_view name) {
    return PackWriter(buffer, 1, base, 0).add(name, "", 1).finish();
  };
  EXPECT_TRUE(add("urn:dev:ops:ACME-1:", "L1/power_a.b"));
  EXPECT_TRUE(add("d", ""));  // the base name alone
  EXPECT_TRUE(add("", "x"));
  for (const auto& [base, name] :
       {std::pair{"", ""}, {"", "-x"}, {":d", "x"}, {"d", "a b"}, {"d", "<b>"}, {"d ", "a"}, {"d", "\n"}, {"d", "ü"}}) {
    EXPECT_EQ(add(base, name).error(), Error::kInvalidArgument) << base << name;
  }
}

}  // namespace
}  // namespace ferry::senml
