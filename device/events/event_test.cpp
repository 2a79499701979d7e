#include "device/events/event.h"

#include <gtest/gtest.h>
#include <set>

#include "device/crypto/hex_test_util.h"

namespace ferry {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes encoded(const Event& event) {
  std::array<std::uint8_t, kMaxEventSize> buffer{};
  const auto bytes = encode(event, buffer);
  return bytes ? Bytes(bytes->begin(), bytes->end()) : Bytes{};
}

suit::Version version(std::string_view text) {
  return suit::Version::parse(text).value();
}

Event full() {
  return {.kind = EventKind::kReverted,
          .time = 1'800'000'000,
          .error = Error::kTrialNotConfirmed,
          .sequence = 7,
          .version = version("2.1.0-rc.1"),
          .bytes = 70000,
          .milliseconds = 65536};
}

Event largest() {
  Event event = full();
  event.time = INT64_MAX;
  event.error = static_cast<Error>(UINT16_MAX);
  event.sequence = UINT64_MAX;
  event.version.count = suit::Version::kMaxParts;
  event.version.parts.fill(INT32_MAX);
  event.bytes = UINT64_MAX;
  event.milliseconds = UINT32_MAX;
  return event;
}

void expect_same(const Event& a, const Event& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.time, b.time);
  EXPECT_EQ(a.error, b.error);
  EXPECT_EQ(a.sequence, b.sequence);
  EXPECT_EQ(a.version, b.version);
  EXPECT_EQ(a.bytes, b.bytes);
  EXPECT_EQ(a.milliseconds, b.milliseconds);
}

TEST(Event, GoldenBytes) {
  EXPECT_EQ(to_hex(encoded({})), "a10001");
  EXPECT_EQ(to_hex(encoded({.kind = EventKind::kRefused, .error = Error::kNotAuthentic})), "a200040218c8");
  EXPECT_EQ(to_hex(encoded({.kind = EventKind::kConfirmed, .sequence = 5, .version = version("2.1.0")})),
            "a3000b03050483020100");
  EXPECT_EQ(to_hex(encoded(full())), "a7000c011a6b49d20002190190030704850201002001051a00011170061a00010000");
}

TEST(Event, ReadsWhatItWrote) {
  for (const Event& event : {Event{}, full(), largest()}) {
    const auto again = decode_event(encoded(event));
    ASSERT_TRUE(again);
    expect_same(*again, event);
  }
}

TEST(Event, TheLargestFits) {
  EXPECT_FALSE(encoded(largest()).empty());
  EXPECT_LE(encoded(largest()).size(), kMaxEventSize);
}

TEST(Event, TimesBeforeTheEpochAreNotKnown) {
  Event event = full();
  event.time = -1;
  EXPECT_EQ(decode_event(encoded(event))->time, 0);
}

TEST(Event, SaysWhenTheBufferIsTooSmall) {
  const std::size_t needed = encoded(full()).size();
  Bytes buffer(needed);
  EXPECT_TRUE(encode(full(), buffer));
  for (std::size_t size = 0; size < needed; ++size) {
    EXPECT_EQ(encode(full(), ByteSpan(buffer).first(size)).error(), Error::kNoSpace);
  }
}

TEST(Event, MembersOfANewerDeviceArePassedOver) {
  const auto event = decode_event(from_hex("a4 00 04 02 18c8 07 82 01 02 20 a0"));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, EventKind::kRefused);
  EXPECT_EQ(event->error, Error::kNotAuthentic);
}

TEST(Event, T61_RefusesWhatIsNoEvent) {
  const std::vector<std::pair<std::string_view, Error>> cases = {
      {"", Error::kCborTruncated},
      {"a0", Error::kOutOfRange},                          // no kind
      {"a10000", Error::kOutOfRange},                      // kind 0
      {"a10010", Error::kOutOfRange},                      // a kind that is not listed
      {"a1001b0000000100000001", Error::kOutOfRange},      // is not cut to 1
      {"a10020", Error::kCborWrongType},                   // negative
      {"a20001021a00010000", Error::kOutOfRange},          // error past 16 bits
      {"a20001011bffffffffffffffff", Error::kOutOfRange},  // time past 63 bits
      {"a20001061b0000000100000000", Error::kOutOfRange},  // milliseconds past 32 bits
      {"a200010480", Error::kOutOfRange},                  // version without parts
      {"a20001048123", Error::kOutOfRange},                // version part -4
      {"a2000104811a80000000", Error::kOutOfRange},        // version part past 31 bits
      {"a20001048901010101010101 0101", Error::kOutOfRange},
      {"a2000100 01", Error::kCborNotCanonical},    // kind twice
      {"a202 01 00 01", Error::kCborNotCanonical},  // out of order
      {"a100 1801", Error::kCborNotCanonical},
      {"a1000100", Error::kCborTrailingData},
      {"bf0001ff", Error::kCborNotCanonical},
      {"a1616101", Error::kCborWrongType},
      {"8100", Error::kCborWrongType},
  };
  for (const auto& [hex, error] : cases) {
    const auto event = decode_event(from_hex(hex));
    ASSERT_FALSE(event) << hex;
    EXPECT_EQ(name(event.error()), name(error)) << hex;
  }
}

// What a fuzzer would try first: whatever is read can be written, and reads the same again.
TEST(Event, T61_EveryChangedByteAndEveryCut) {
  const Bytes bytes = encoded(full());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_event(ByteView(bytes).first(size)));
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (unsigned change = 1; change < 256; ++change) {
      Bytes mutant = bytes;
      mutant[at] ^= static_cast<std::uint8_t>(change);
      if (const auto event = decode_event(mutant)) {
        const auto again = decode_event(encoded(*event));
        ASSERT_TRUE(again);
        expect_same(*again, *event);
      }
    }
  }
}

TEST(Event, EveryKindHasItsOwnName) {
  std::set<std::string_view> names;
  for (int kind = 1; kind <= static_cast<int>(EventKind::kWarning); ++kind) {
    names.insert(name(static_cast<EventKind>(kind)));
  }
  EXPECT_EQ(names.size(), 15U);
  EXPECT_EQ(names.count("unknown"), 0U);
  EXPECT_EQ(name(EventKind::kNothingNewer), "nothing_newer");
  EXPECT_EQ(name(EventKind::kWarning), "warning");
  EXPECT_EQ(name(static_cast<EventKind>(0)), "unknown");
  EXPECT_EQ(name(static_cast<EventKind>(200)), "unknown");
}

}  // namespace
}  // namespace ferry
