#include <gtest/gtest.h>
#include <random>

#include "device/coding/in_memory.h"
#include "device/packed/decoder.h"
#include "device/payload/container.h"
#include "host/coding/staged_test_util.h"
#include "host/delta/program_test_util.h"
#include "host/failure.h"
#include "host/packed/container.h"

namespace ferry::host::packed {
namespace {

using delta::Program;
using ferry::packed::kHeaderSize;

Bytes noise(std::size_t size, std::uint32_t seed) {
  std::mt19937 dice(seed);
  Bytes bytes(size);
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(dice());
  }
  return bytes;
}

std::size_t round_trip(const Bytes& image, const EncodeOptions& options = {}) {
  const Packed packed = pack_image(image, options);
  EXPECT_EQ(unpack_image(packed.bytes, static_cast<std::uint32_t>(image.size())), image);
  return packed.bytes.size();
}

TEST(Packed, OddImagesRoundTrip) {
  for (const std::size_t size : {0U, 1U, 2U, 3U, 4U, 5U, 255U, 256U, 257U, 1023U, 5000U}) {
    round_trip(noise(size, 1));
    round_trip(Bytes(size, 0));
    round_trip(Bytes(size, 'a'));
  }
}

TEST(Packed, ProgramsRoundTrip) {
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    const Bytes image = Program(seed, 60).link();
    const std::size_t thumb = round_trip(image, {.branches = true});
    const std::size_t plain = round_trip(image, {.branches = false});
    EXPECT_EQ(round_trip(image), std::min(thumb, plain));
    EXPECT_LT(thumb, image.size());
  }
}

TEST(Packed, ImagesThatEndInsideOfABranchRoundTrip) {
  const Bytes image = Program(2, 20).link();
  for (std::size_t size = image.size() - 64; size < image.size(); ++size) {
    round_trip(Bytes(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size)));
  }
}

// Everything that looks like a branch, wherever it leads to.
TEST(Packed, NothingButBranchesRoundTrips) {
  Bytes image = noise(20000, 3);
  for (std::size_t at = 0; at + 4 <= image.size(); at += 4) {
    image[at + 1] = static_cast<std::uint8_t>(0xF0 | (image[at + 1] & (at % 3 == 0 ? 7 : 0)));
    image[at + 3] = static_cast<std::uint8_t>((at % 5 == 0 ? 0xB8 : 0xF8) | (image[at + 3] & 7));
  }
  round_trip(image, {.branches = true});
}

TEST(Packed, NoiseGrowsByLittle) {
  const Bytes image = noise(50000, 4);
  EXPECT_LT(round_trip(image), image.size() + image.size() / 50);
}

TEST(Packed, ZerosTakeAFewBytes) {
  EXPECT_LT(round_trip(Bytes(1U << 20U, 0)), 400U);
}

TEST(Packed, SameBytesEveryTime) {
  const Bytes image = Program(7, 60).link();
  EXPECT_EQ(pack_image(image).bytes, pack_image(image).bytes);
}

TEST(Packed, PartsAddUp) {
  const Bytes image = Program(8, 60).link();
  const Packed packed = pack_image(image);
  const PackedParts& parts = packed.parts;
  EXPECT_EQ(parts.single.bytes + parts.halves.bytes + parts.matches.bytes + parts.repeats.bytes, image.size());
  const double size = parts.single.size + parts.halves.size + parts.matches.size + parts.repeats.size;
  EXPECT_NEAR(size + kHeaderSize, static_cast<double>(packed.bytes.size()), 4.0);
}

TEST(Packed, TooLargeImagesAreRefused) {
  EXPECT_THROW((void)pack_image(Bytes(1U << 24U)), Failure);
}

// --- States ---

TEST(PackedStates, WhatComesMoreOftenIsMoreProbable) {
  using ferry::packed::kStates;
  std::uint8_t ones = 0;
  std::uint8_t zeros = 0;
  EXPECT_EQ(kStates.first(0), 32768);
  for (int i = 0; i < 20; ++i) {
    const std::uint8_t before = ones;
    ones = kStates.next(ones, true);
    zeros = kStates.next(zeros, false);
    EXPECT_GT(kStates.first(ones), kStates.first(before)) << i;
    EXPECT_NEAR(kStates.first(ones) + kStates.first(zeros), 65536, 1) << i;
  }
  EXPECT_EQ(kStates.next(ones, true), ones);  // it cannot count further
  EXPECT_LT(kStates.first(kStates.next(ones, false)), kStates.first(ones));
}

TEST(PackedPrior, EveryContextOfCodeHasARow) {
  using ferry::packed::HalfKind;
  using ferry::packed::Prior;
  for (std::uint32_t context = 0; context < 256; ++context) {
    for (const HalfKind kind : {HalfKind::kFirst, HalfKind::kSecond}) {
      EXPECT_TRUE(Prior(kind, false, context).knows());
      EXPECT_TRUE(Prior(kind, true, context).knows());
    }
    EXPECT_EQ(Prior(HalfKind::kLiteralLow, false, context).log_odds(1), 0);
    EXPECT_EQ(Prior(HalfKind::kLiteralHigh, true, context).log_odds(255), 0);
  }
}

TEST(PackedPrior, KnowsWhatCodeLooksLike) {
  using ferry::packed::HalfKind;
  // BX LR is 0x4770: behind an upper byte of 0x47 the lower one mostly begins with a 0.
  EXPECT_LT(ferry::packed::Prior(HalfKind::kFirst, true, 0x47).log_odds(1), 0);
  EXPECT_EQ(ferry::packed::Prior().log_odds(1), 0);
}

TEST(PackedSources, LearnsWhereMatchesComeFrom) {
  using ferry::packed::Sought;
  using ferry::packed::Sources;
  // The same three halfwords again and again; what is wanted follows on the one that is in front.
  Bytes bytes;
  for (std::uint32_t i = 0; i < 200; ++i) {
    const std::array<std::uint8_t, 6> some = {0x20, 0x46, 0x01, 0x68, 0x70, 0x47};
    bytes.insert(bytes.end(), some.begin(), some.end());
  }
  std::array<std::int8_t, ferry::packed::kSourceWeights> weights{};
  const auto byte_at = [&](std::uint32_t place) { return bytes.at(place); };
  const auto share = [&](const Sources& sources, const Sought& sought, std::uint32_t distance) {
    return sources.likely(sought.index_of(distance)) * 100.0 / sources.likely(0, sought.count);
  };
  for (std::uint32_t at = 600; at < 1200; at += 6) {
    const Sought sought = Sought::of(at, 4, 66);
    Sources sources(weights, sought, byte_at);
    sources.learn(sought.index_of(66));
  }
  const Sought sought = Sought::of(1200, 4, 66);
  const Sources sources(weights, sought, byte_at);
  EXPECT_GT(share(sources, sought, 66), 2 * share(sources, sought, 68));
  EXPECT_EQ(sources.second_half(0, 32), (std::uint64_t{sources.likely(16, 16)} << 16U) / sources.likely(0, 32));
}

TEST(PackedSources, PlacesInFrontOfTheImageAreNone) {
  using ferry::packed::Sought;
  const Bytes bytes(70, 1);
  std::array<std::int8_t, ferry::packed::kSourceWeights> weights{};
  const auto byte_at = [&](std::uint32_t place) { return bytes.at(place); };  // throws where it should not look
  for (std::uint32_t at = 0; at <= bytes.size(); ++at) {
    for (const std::uint32_t distance : {1U, 2U, 3U, 30U, 63U, 64U, 65U, 127U, 128U, 0xFFFFFFU}) {
      const Sought sought = Sought::of(at, 2, distance);
      ferry::packed::Sources sources(weights, sought, byte_at);
      for (std::uint32_t i = 0; i < sought.count; ++i) {
        EXPECT_EQ(sources.likely(i) > 0, sought.first + 2 * i <= at);
      }
      if (sought.count > 0) {
        sources.learn(0);
      }
    }
  }
}

// --- Bad input ---

struct Example {
  Bytes image = Program(8, 12).link();
  Bytes packed = pack_image(image).bytes;
};

// Refused, or (where the change makes no difference to the code) the right image, or another one, which its digest
// gives away; never more bytes than there should be.
void expect_bounded(const Bytes& packed, std::size_t size) {
  try {
    EXPECT_EQ(unpack_image(packed, static_cast<std::uint32_t>(size)).size(), size);
  } catch (const Failure&) {
    SUCCEED();
  }
}

TEST(PackedBadInput, CutAtEveryByteIsRefused) {
  const Example made;
  for (std::size_t length = 0; length < made.packed.size(); ++length) {
    const Bytes cut(made.packed.begin(), made.packed.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_THROW((void)unpack_image(cut, static_cast<std::uint32_t>(made.image.size())), Failure) << length;
  }
}

TEST(PackedBadInput, ExtendedIsRefused) {
  const Example made;
  for (const std::size_t more : {1U, 2U, 3U, 4U, 5U, 100U}) {
    for (const std::uint8_t byte : {std::uint8_t{0}, std::uint8_t{0xFF}}) {
      Bytes longer = made.packed;
      longer.resize(longer.size() + more, byte);
      EXPECT_THROW((void)unpack_image(longer, static_cast<std::uint32_t>(made.image.size())), Failure);
    }
  }
}

TEST(PackedBadInput, EveryFlippedBitIsBounded) {
  const Example made;
  for (std::size_t bit = 0; bit < made.packed.size() * 8; ++bit) {
    Bytes changed = made.packed;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    expect_bounded(changed, made.image.size());
  }
}

TEST(PackedBadInput, NoiseBehindAGoodHeaderIsBounded) {
  const Example made;
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    Bytes changed = noise(made.packed.size() + seed % 64, seed);
    std::copy_n(made.packed.begin(), kHeaderSize, changed.begin());
    expect_bounded(changed, made.image.size());
  }
}

TEST(PackedBadInput, AnotherSizeIsRefused) {
  const Example made;
  for (const int by : {-100, -1, 1, 100}) {
    const auto size = static_cast<std::uint32_t>(static_cast<int>(made.image.size()) + by);
    EXPECT_THROW((void)unpack_image(made.packed, size), Failure) << by;
  }
}

TEST(PackedBadInput, UnknownModesAndClassesAreUnsupported) {
  const Example made;
  for (const std::size_t at : {0U, 1U}) {
    Bytes changed = made.packed;
    changed[at] = 9;
    EXPECT_THROW((void)unpack_image(changed, static_cast<std::uint32_t>(made.image.size())), Failure);
  }
}

// --- The decoder as the device has it ---

// A slot that is written while the image comes to be. What the writer may hold back cannot be read.
class Slot final : public ImageReader {
 public:
  explicit Slot(std::uint32_t size) : size_(size) {}
  [[nodiscard]] std::uint32_t size() const override { return size_; }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan out) override {
    EXPECT_LE(offset + out.size() + kMaxHeldBack, bytes.size());
    if (reads_left-- == 0) {
      return fail(Error::kIo);
    }
    ferry::copy(ByteView(bytes).subspan(offset, out.size()), out);
    return ok();
  }
  Bytes bytes;
  int reads_left = -1;

 private:
  static constexpr std::size_t kMaxHeldBack = 32;  // of a write unit
  std::uint32_t size_;
};

Status decode(ferry::packed::Decoder& decoder, Slot& slot, coding::Staged& staged, const Bytes& packed,
              std::size_t size, std::size_t page) {
  FERRY_TRY(decoder.image_decoder().begin(slot, staged, static_cast<std::uint32_t>(packed.size()),
                                          static_cast<std::uint32_t>(size)));
  Bytes buffer(page);
  while (true) {
    FERRY_TRY_ASSIGN(const std::size_t count, decoder.image_decoder().produce(buffer));
    if (count == 0) {
      return ok();
    }
    slot.bytes.insert(slot.bytes.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

TEST(PackedDecoder, PiecesOfAnySize) {
  const Bytes image = Program(9, 200).link();
  const Bytes packed = pack_image(image).bytes;
  ferry::packed::Decoder decoder;
  for (const std::size_t page : {4U, 5U, 7U, 64U, 96U, 97U, 256U, 4096U}) {
    Slot slot(static_cast<std::uint32_t>(image.size() + 99));
    coding::Staged staged(packed);
    ASSERT_TRUE(decode(decoder, slot, staged, packed, image.size(), page)) << page;
    EXPECT_EQ(slot.bytes, image) << page;
  }
}

TEST(PackedDecoder, ASmallerSlotIsRefused) {
  const Example made;
  ferry::packed::Decoder decoder;
  Slot slot(static_cast<std::uint32_t>(made.image.size() - 1));
  coding::Staged staged(made.packed);
  EXPECT_EQ(decode(decoder, slot, staged, made.packed, made.image.size(), 256).error(), Error::kImageTooLarge);
}

TEST(PackedDecoder, FailuresOfFlashAreTold) {
  const Bytes image = Program(9, 200).link();
  const Bytes packed = pack_image(image).bytes;
  ferry::packed::Decoder decoder;
  for (const int reads : {0, 1, 5}) {
    Slot slot(static_cast<std::uint32_t>(image.size()));
    slot.reads_left = reads;
    coding::Staged staged(packed);
    EXPECT_EQ(decode(decoder, slot, staged, packed, image.size(), 256).error(), Error::kIo) << reads;
    Bytes page(256);
    EXPECT_EQ(decoder.image_decoder().produce(page).error(), Error::kWrongState);
  }
  Slot slot(static_cast<std::uint32_t>(image.size()));
  coding::Staged staged(packed);
  staged.fails_at = 60;
  EXPECT_EQ(decode(decoder, slot, staged, packed, image.size(), 256).error(), Error::kIo);
}

// --- As a payload ---

TEST(PackedPayload, RoundTrips) {
  const Bytes image = Program(10, 60).link();
  const Bytes payload = make_packed(image);
  EXPECT_EQ(unpack(payload), image);
  const auto header = payload::decode_header(ByteView(payload).first(16), static_cast<std::uint32_t>(payload.size()));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->kind, payload::Kind::kPacked);
  EXPECT_EQ(header->image_size, image.size());
}

TEST(PackedPayload, AnotherKindIsRefused) {
  EXPECT_THROW((void)unpack(Bytes(100, 7)), Failure);
  Bytes payload = make_packed(Bytes(100, 7));
  payload[4] = static_cast<std::uint8_t>(payload::kVersion << 4U | static_cast<unsigned>(payload::Kind::kDelta));
  EXPECT_THROW((void)unpack(payload), Failure);
}

}  // namespace
}  // namespace ferry::host::packed
