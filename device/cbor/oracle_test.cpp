// libcbor, an implementation by others, as the judge of ours: it must agree on what is well-formed and on every value,
// except where our strict form says no.
#include <cbor.h>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "device/cbor/decoder.h"
#include "device/cbor/encoder.h"

namespace ferry::cbor {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Random = std::mt19937;

struct Release {
  void operator()(cbor_item_t* item) const { cbor_decref(&item); }
};
using Item = std::unique_ptr<cbor_item_t, Release>;

std::uint64_t pick(Random& random, std::uint64_t below) {
  return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(random);
}

// Numbers around every change of the head's length.
std::uint64_t edge_number(Random& random) {
  constexpr std::array<std::uint64_t, 7> kEdges = {0,  24, 256, 65536, std::uint64_t{1} << 32U, std::uint64_t{1} << 63U,
                                                   100};
  return kEdges[pick(random, kEdges.size())] + pick(random, 5) - 2;
}

Item make_unsigned(std::uint64_t value) {
  if (value <= UINT8_MAX) {
    return Item(cbor_build_uint8(static_cast<std::uint8_t>(value)));
  }
  if (value <= UINT16_MAX) {
    return Item(cbor_build_uint16(static_cast<std::uint16_t>(value)));
  }
  return Item(value <= UINT32_MAX ? cbor_build_uint32(static_cast<std::uint32_t>(value)) : cbor_build_uint64(value));
}

std::string random_text(Random& random) {
  constexpr std::array<std::string_view, 6> kCharacters = {"a", "~", "ü", "水", "𐅑", " "};
  std::string text;
  for (std::uint64_t i = pick(random, 30); i > 0; --i) {
    text += kCharacters[pick(random, kCharacters.size())];
  }
  return text;
}

// One random item, built by libcbor and written by our encoder at the same time.
Item build(Random& random, Encoder& ours, std::size_t depth) {
  switch (pick(random, depth > 0 ? 8 : 5)) {
    case 0: {
      const std::uint64_t value = edge_number(random);
      ours.unsigned_integer(value);
      return make_unsigned(value);
    }
    case 1: {
      const auto value = static_cast<std::int64_t>(edge_number(random) >> 1U);
      ours.integer(-1 - value);
      Item item = make_unsigned(static_cast<std::uint64_t>(value));
      cbor_mark_negint(item.get());
      return item;
    }
    case 2: {
      Bytes bytes(pick(random, 300));
      ours.bytes(bytes);
      return Item(cbor_build_bytestring(bytes.data(), bytes.size()));
    }
    case 3: {
      const std::string text = random_text(random);
      ours.text(text);
      return Item(cbor_build_stringn(text.data(), text.size()));
    }
    case 4: {
      const std::uint64_t which = pick(random, 3);
      which == 2 ? ours.null() : ours.boolean(which == 1);
      return Item(which == 2 ? cbor_new_null() : cbor_build_bool(which == 1));
    }
    case 5: {
      const std::uint64_t count = pick(random, 8);
      ours.array(count);
      Item array(cbor_new_definite_array(count));
      for (std::uint64_t i = 0; i < count; ++i) {
        EXPECT_TRUE(cbor_array_push(array.get(), cbor_move(build(random, ours, depth - 1).release())));
      }
      return array;
    }
    case 6: {
      const std::uint64_t count = pick(random, 8);
      ours.map(count);
      Item map(cbor_new_definite_map(count));
      for (std::uint64_t i = 0; i < count; ++i) {
        ours.unsigned_integer(i);
        Item key = make_unsigned(i);
        Item value = build(random, ours, depth - 1);
        EXPECT_TRUE(cbor_map_add(map.get(), {.key = cbor_move(key.release()), .value = cbor_move(value.release())}));
      }
      return map;
    }
    default: {
      const std::uint64_t tag = edge_number(random);
      ours.tag(tag);
      return Item(cbor_build_tag(tag, cbor_move(build(random, ours, depth - 1).release())));
    }
  }
}

// Our decoder reads from `decoder` exactly what libcbor holds in `item`.
void expect_same(Decoder& decoder, cbor_item_t* item) {
  switch (cbor_typeof(item)) {
    case CBOR_TYPE_UINT:
      EXPECT_EQ(decoder.read_unsigned(), cbor_get_int(item));
      return;
    case CBOR_TYPE_NEGINT:
      EXPECT_EQ(decoder.read_integer(), -1 - static_cast<std::int64_t>(cbor_get_int(item)));
      return;
    case CBOR_TYPE_BYTESTRING: {
      const auto bytes = decoder.read_bytes();
      ASSERT_TRUE(bytes);
      EXPECT_TRUE(equal(*bytes, {cbor_bytestring_handle(item), cbor_bytestring_length(item)}));
      return;
    }
    case CBOR_TYPE_STRING: {
      const auto text = decoder.read_text();
      ASSERT_TRUE(text);
      EXPECT_TRUE(equal(as_bytes(*text), {cbor_string_handle(item), cbor_string_length(item)}));
      return;
    }
    case CBOR_TYPE_ARRAY:
      ASSERT_EQ(decoder.read_array(), cbor_array_size(item));
      for (std::size_t i = 0; i < cbor_array_size(item); ++i) {
        expect_same(decoder, cbor_array_handle(item)[i]);
      }
      return;
    case CBOR_TYPE_MAP: {
      Reader keys(decoder.rest());
      MapReader map(keys);
      ASSERT_EQ(decoder.read_map(), cbor_map_size(item));
      for (std::size_t i = 0; i < cbor_map_size(item); ++i) {
        const cbor_pair pair = cbor_map_handle(item)[i];
        ASSERT_TRUE(map.next());
        EXPECT_EQ(static_cast<std::uint64_t>(map.key()), cbor_get_int(pair.key));
        static_cast<void>(keys.item());
        expect_same(decoder, pair.key);
        expect_same(decoder, pair.value);
      }
      ASSERT_FALSE(map.next());
      return;
    }
    case CBOR_TYPE_TAG: {
      EXPECT_EQ(decoder.read_tag(), cbor_tag_value(item));
      Item content(cbor_tag_item(item));
      return expect_same(decoder, content.get());
    }
    case CBOR_TYPE_FLOAT_CTRL:
      if (cbor_is_null(item)) {
        EXPECT_TRUE(decoder.read_null());
      } else {
        EXPECT_EQ(decoder.read_bool(), cbor_get_bool(item));
      }
      return;
  }
}

TEST(Oracle, ItemsBothWays) {
  Random random(20251);  // NOLINT: the same items every time
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::uint8_t> buffer(1U << 20U);
    Encoder encoder(buffer);
    const Item item = build(random, encoder, 3);
    const auto ours = encoder.finish();
    ASSERT_TRUE(ours);
    Bytes theirs(buffer.size());
    theirs.resize(cbor_serialize(item.get(), theirs.data(), theirs.size()));
    ASSERT_TRUE(equal(*ours, theirs)) << "round " << round;
    Decoder decoder(theirs);
    expect_same(decoder, item.get());
    EXPECT_TRUE(decoder.at_end()) << "round " << round;
    Decoder whole(theirs);
    EXPECT_EQ(whole.read_item()->size(), theirs.size());
  }
}

bool shortest(std::uint64_t value, cbor_int_width width) {
  switch (width) {
    case CBOR_INT_8:
      return true;  // libcbor does not say whether a number below 24 stood in the first byte: the length tells
    case CBOR_INT_16:
      return value > UINT8_MAX;
    case CBOR_INT_32:
      return value > UINT16_MAX;
    case CBOR_INT_64:
      return value > UINT32_MAX;
  }
  return false;
}

// What libcbor took, and whether our strict form has it too.
struct Verdict {
  bool strict = true;
  std::size_t depth = 0;
  std::size_t size = 0;  // of the shortest encoding

  void add_head(std::uint64_t argument) {
    size += 1;
    size += argument < 24            ? 0U
            : argument <= UINT8_MAX  ? 1U
            : argument <= UINT16_MAX ? 2U
            : argument <= UINT32_MAX ? 4U
                                     : 8U;
  }
};

void judge(cbor_item_t* item, Verdict& verdict, std::size_t depth) {
  verdict.depth = std::max(verdict.depth, depth);
  switch (cbor_typeof(item)) {
    case CBOR_TYPE_UINT:
    case CBOR_TYPE_NEGINT:
      verdict.strict = verdict.strict && shortest(cbor_get_int(item), cbor_int_get_width(item));
      return verdict.add_head(cbor_get_int(item));
    case CBOR_TYPE_BYTESTRING:
      verdict.strict = verdict.strict && cbor_bytestring_is_definite(item);
      verdict.add_head(cbor_bytestring_length(item));
      verdict.size += cbor_bytestring_length(item);
      return;
    case CBOR_TYPE_STRING: {
      verdict.strict = verdict.strict && cbor_string_is_definite(item);
      verdict.add_head(cbor_string_length(item));
      verdict.size += cbor_string_length(item);
      return;
    }
    case CBOR_TYPE_ARRAY:
      verdict.strict = verdict.strict && cbor_array_is_definite(item);
      verdict.add_head(cbor_array_size(item));
      for (std::size_t i = 0; i < cbor_array_size(item); ++i) {
        judge(cbor_array_handle(item)[i], verdict, depth + 1);
      }
      return;
    case CBOR_TYPE_MAP:
      verdict.strict = verdict.strict && cbor_map_is_definite(item);
      verdict.add_head(cbor_map_size(item));
      for (std::size_t i = 0; i < cbor_map_size(item); ++i) {
        judge(cbor_map_handle(item)[i].key, verdict, depth + 1);
        judge(cbor_map_handle(item)[i].value, verdict, depth + 1);
      }
      return;
    case CBOR_TYPE_TAG: {
      verdict.add_head(cbor_tag_value(item));
      const Item content(cbor_tag_item(item));
      return judge(content.get(), verdict, depth + 1);
    }
    case CBOR_TYPE_FLOAT_CTRL:
      verdict.strict = verdict.strict && cbor_float_ctrl_is_ctrl(item) && (cbor_is_bool(item) || cbor_is_null(item));
      verdict.size += 1;
      return;
  }
}

// Random bytes that look like CBOR more often than plain noise does.
Bytes noise(Random& random) {
  constexpr std::array<std::uint8_t, 12> kHeads = {0x00, 0x18, 0x41, 0x58, 0x62, 0x82,
                                                   0x98, 0xA1, 0xC1, 0xF5, 0xF6, 0x20};
  Bytes bytes(1 + pick(random, 24));
  for (auto& byte : bytes) {
    byte = pick(random, 3) == 0 ? static_cast<std::uint8_t>(pick(random, 256))
                                : static_cast<std::uint8_t>(kHeads[pick(random, kHeads.size())] + pick(random, 3));
    const std::uint8_t info = byte & 0x1FU;
    const bool huge = byte >= 0x40 && byte < 0xC0 && (info == 26 || info == 27);
    const bool unassigned_tag = byte >= 0xC6 && byte <= 0xD4;
    // libcbor asks for gigabytes before it looks further, and refuses tags 6 to 20.
    byte = huge || unassigned_tag ? std::uint8_t{0} : byte;
  }
  return bytes;
}

TEST(Oracle, T9_NoiseIsJudgedAlike) {
  Random random(8949);  // NOLINT: the same noise every time
  int both = 0;
  int ours_alone_says_no = 0;
  for (int round = 0; round < 300'000; ++round) {
    const Bytes bytes = noise(random);
    cbor_load_result loaded{};
    const Item item(cbor_load(bytes.data(), bytes.size(), &loaded));
    Decoder decoder(bytes);
    const auto ours = decoder.read_item();
    if (item == nullptr) {
      EXPECT_FALSE(ours) << "round " << round;
      continue;
    }
    Verdict verdict;
    judge(item.get(), verdict, 0);
    const bool strict = verdict.strict && verdict.size == loaded.read && verdict.depth <= kMaxDepth;
    if (ours) {
      ++both;
      EXPECT_TRUE(strict) << "round " << round;
      EXPECT_EQ(ours->size(), loaded.read) << "round " << round;
      continue;
    }
    ++ours_alone_says_no;
    const bool bad_text = ours.error() == Error::kCborMalformed;  // libcbor lets text be any bytes
    EXPECT_TRUE(!strict || bad_text) << "round " << round << ": " << name(ours.error());
  }
  EXPECT_GT(both, 30'000);  // the noise says something
  EXPECT_GT(ours_alone_says_no, 3'000);
}

}  // namespace
}  // namespace ferry::cbor
