// Deltas for Linux: images of this class, bad patches, and the decoder as a device has it.
#include <gtest/gtest.h>
#include <random>

#include "device/delta/huge/decoder.h"
#include "device/delta/in_memory.h"
#include "host/crypto.h"
#include "host/delta/aarch64_program_test_util.h"
#include "host/delta/container.h"
#include "host/delta/program_test_util.h"
#include "host/failure.h"

namespace ferry::host::delta {
namespace {

using ferry::delta::kHeaderSize;

Bytes noise(std::size_t size, std::uint32_t seed) {
  std::mt19937 dice(seed);
  Bytes bytes(size);
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(dice());
  }
  return bytes;
}

std::size_t round_trip(const Bytes& old, const Bytes& fresh, std::optional<Mode> mode = {}) {
  const Patch patch = make_patch(old, fresh, {.memory = MemoryClass::kHuge, .mode = mode});
  EXPECT_EQ(apply_patch(old, patch.bytes, static_cast<std::uint32_t>(fresh.size())), fresh);
  return patch.bytes.size() - kHeaderSize;
}

TEST(HugeDelta, CodeThatMovedCostsNextToNothing) {
  AArch64Program functions(1, 1000);
  const Bytes old = functions.link();
  functions.add_function(300);
  const Bytes fresh = functions.link();
  const std::size_t code = round_trip(old, fresh);
  EXPECT_LT(code, 1000U);
  EXPECT_LT(code * 2, round_trip(old, fresh, Mode::kPlain));
}

TEST(HugeDelta, OddImagesRoundTrip) {
  const Bytes one = {0x42};
  const Bytes text(5000, 'a');
  const Bytes other = noise(3000, 1);
  const Bytes program = AArch64Program(5, 50).link();
  for (const Bytes& old : {Bytes(), one, text, other, program}) {
    for (const Bytes& fresh : {Bytes(), one, text, other, program}) {
      for (const Mode mode : {Mode::kPlain, Mode::kAArch64}) {
        round_trip(old, fresh, mode);
      }
    }
  }
}

TEST(HugeDelta, RandomEditsRoundTrip) {
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    std::mt19937 dice(seed);
    const Bytes old = AArch64Program(seed, 60).link();
    Bytes fresh = old;
    for (std::uint32_t i = 0; i < dice() % 20; ++i) {
      const auto at = static_cast<std::ptrdiff_t>(dice() % fresh.size());
      const Bytes piece = noise(dice() % 30, seed * 100 + i);
      const auto end = std::min<std::ptrdiff_t>(at + dice() % 30, static_cast<std::ptrdiff_t>(fresh.size()));
      fresh.erase(fresh.begin() + at, fresh.begin() + end);
      fresh.insert(fresh.begin() + at, piece.begin(), piece.end());
    }
    round_trip(old, fresh, Mode::kAArch64);
    round_trip(fresh, old, Mode::kPlain);
  }
}

TEST(HugeDelta, LargeImagesRoundTrip) {
  Bytes old = noise(32U << 20U, 7);
  Bytes fresh = old;
  fresh.erase(fresh.begin() + 1000000, fresh.begin() + 1000100);
  const Bytes inserted = noise(777, 8);
  fresh.insert(fresh.begin() + 20000000, inserted.begin(), inserted.end());
  std::swap_ranges(fresh.begin() + 3000000, fresh.begin() + 3100000, fresh.begin() + 9000000);
  const std::size_t size = round_trip(old, fresh, Mode::kPlain);
  EXPECT_GT(size, inserted.size());
  EXPECT_LT(size, inserted.size() + 200);
}

TEST(HugeDelta, SamePatchEveryTime) {
  AArch64Program functions(2, 100);
  const Bytes old = functions.link();
  functions.add_function(50);
  const Bytes fresh = functions.link();
  const EncodeOptions options{.memory = MemoryClass::kHuge};
  EXPECT_EQ(make_patch(old, fresh, options).bytes, make_patch(old, fresh, options).bytes);
}

TEST(HugeDelta, OtherModesAreRefused) {
  EXPECT_THROW((void)make_patch({}, {}, {.memory = MemoryClass::kHuge, .mode = Mode::kThumb2}), Failure);
}

// --- The format, held in place ---

struct Golden {
  Bytes old;
  Bytes fresh;
};

Golden golden() {
  AArch64Program functions(21, 12);
  Golden made{.old = functions.link(), .fresh = {}};
  functions.add_function(5);
  made.fresh = functions.link();
  return made;
}

constexpr const char* kOldDigest = "306a359005b3e17e2192dee091aee159401c2e10284e6ef56eb6a6ba8b654dc1";  // SHA-256
constexpr const char* kFreshDigest = "a0397a6617ebda7b4f3359978fe035e87e9ef3ce1e38178fa90078dd176ad21b";
constexpr const char* kGolden =
    "89460d0a13f003000034a0030000306a3590a0397a66000000080000000810650a3e6fffffff2c59201a6b739416d7346b79"
    "e37eed7db8e398e72c0f27554a3c4961094852cd426741390d28ae0b2d8db31e4d4cee27076e0d04d5cd435896318c389990"
    "5e2cb1931002808d049dda0a0b97a5d406f9e2e228508b61ece5eafcda616d87b5f9f33a5d3d65ce03dee4daf73c1aaa3649"
    "89eaca";

TEST(HugeGolden, ImagesAreTheSameOnEveryMachine) {
  EXPECT_EQ(to_hex(sha256(golden().old)), kOldDigest);
  EXPECT_EQ(to_hex(sha256(golden().fresh)), kFreshDigest);
}

TEST(HugeGolden, StoredDeltaDecodes) {
  EXPECT_EQ(apply_delta(golden().old, from_hex(kGolden).value()), golden().fresh);
}

TEST(HugeGolden, EncoderMakesTheStoredOne) {
  EXPECT_EQ(to_hex(make_delta(golden().old, golden().fresh, {.memory = MemoryClass::kHuge})), kGolden);
}

// --- Bad input ---

struct Example {
  Bytes old;
  Bytes fresh;
  Bytes patch;
};

Example example() {
  AArch64Program functions(3, 40);
  Example made{.old = functions.link()};
  functions.add_function(20);
  made.fresh = functions.link();
  made.patch = make_patch(made.old, made.fresh, {.memory = MemoryClass::kHuge, .mode = Mode::kAArch64}).bytes;
  return made;
}

TEST(HugeDeltaBadInput, CutAtEveryByteIsRefused) {
  const Example made = example();
  for (std::size_t length = 0; length < made.patch.size(); ++length) {
    EXPECT_THROW(
        (void)apply_patch(made.old, ByteView(made.patch).first(length), static_cast<std::uint32_t>(made.fresh.size())),
        Failure)
        << length;
  }
}

TEST(HugeDeltaBadInput, ExtendedIsRefused) {
  const Example made = example();
  for (const std::size_t more : {1, 2, 5, 100}) {
    Bytes longer = made.patch;
    longer.resize(longer.size() + more);
    EXPECT_THROW((void)apply_patch(made.old, longer, static_cast<std::uint32_t>(made.fresh.size())), Failure);
  }
}

// Refused, or (where the change makes no difference to the code) the right image all the same.
bool harmless(const Example& made, const Bytes& patch) {
  try {
    return apply_patch(made.old, patch, static_cast<std::uint32_t>(made.fresh.size())) == made.fresh;
  } catch (const Failure&) {
    return true;
  }
}

TEST(HugeDeltaBadInput, FlippedBitsAreHarmless) {
  const Example made = example();
  for (std::size_t byte = 0; byte < made.patch.size(); ++byte) {
    Bytes changed = made.patch;
    changed[byte] ^= static_cast<std::uint8_t>(1U << byte % 8);
    EXPECT_TRUE(harmless(made, changed)) << byte;
  }
}

TEST(HugeDeltaBadInput, NoiseBehindAGoodHeaderIsHarmless) {
  const Example made = example();
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    Bytes changed = noise(made.patch.size() + seed % 64, seed);
    std::copy_n(made.patch.begin(), kHeaderSize, changed.begin());
    EXPECT_TRUE(harmless(made, changed)) << seed;
  }
}

TEST(HugeDeltaBadInput, TooLargeAnImageIsRefused) {
  const Example made = example();
  const auto decoder = std::make_unique<ferry::delta::huge::Decoder>();
  ferry::delta::ImageInMemory old(made.old);
  ferry::delta::PatchInMemory patch(made.patch);
  EXPECT_EQ(decoder->begin(old, patch, static_cast<std::uint32_t>(made.patch.size()), 1U << 30U).error(),
            Error::kPayloadMalformed);
}

// --- The decoder as a device has it ---

TEST(HugeDecoder, PiecesOfAnySize) {
  const Example made = example();
  const auto decoder = std::make_unique<ferry::delta::huge::Decoder>();
  for (const std::size_t page : {4, 5, 7, 256, 70000}) {
    ferry::delta::ImageInMemory old(made.old);
    ferry::delta::PatchInMemory patch(made.patch);
    ASSERT_TRUE(decoder->begin(old, patch, static_cast<std::uint32_t>(made.patch.size()),
                               static_cast<std::uint32_t>(made.fresh.size())));
    Bytes image;
    Bytes buffer(page);
    for (std::size_t count = 1; count > 0;) {
      const auto produced = decoder->produce(buffer);
      ASSERT_TRUE(produced);
      count = *produced;
      image.insert(image.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
    }
    EXPECT_EQ(image, made.fresh) << page;
  }
}

TEST(HugeDecoder, SmallDecodersRefuseThisClass) {
  const Example made = example();
  ferry::delta::Decoder<MemoryClass::kLarge> decoder;
  ferry::delta::ImageInMemory old(made.old);
  ferry::delta::PatchInMemory patch(made.patch);
  EXPECT_EQ(decoder.image_decoder()
                .begin(old, patch, static_cast<std::uint32_t>(made.patch.size()),
                       static_cast<std::uint32_t>(made.fresh.size()))
                .error(),
            Error::kPayloadKindUnsupported);
}

}  // namespace
}  // namespace ferry::host::delta
