#include <gtest/gtest.h>
#include <random>

#include "device/delta/decoder.h"
#include "host/coding/staged_test_util.h"
#include "host/delta/encoder.h"
#include "host/delta/match.h"
#include "host/delta/normalise.h"
#include "host/delta/program_test_util.h"
#include "host/failure.h"

namespace ferry::host::delta {
namespace {

using ferry::delta::Decoder;
using ferry::delta::kHeaderSize;

Bytes noise(std::size_t size, std::uint32_t seed) {
  std::mt19937 dice(seed);
  Bytes bytes(size);
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(dice());
  }
  return bytes;
}

std::size_t round_trip(const Bytes& old, const Bytes& fresh, const EncodeOptions& options = {}) {
  const Patch patch = make_patch(old, fresh, options);
  EXPECT_EQ(apply_patch(old, patch.bytes, static_cast<std::uint32_t>(fresh.size())), fresh);
  return patch.bytes.size() - kHeaderSize;
}

TEST(Delta, CodeThatOnlyMovedCostsNextToNothing) {
  Program program(1);
  const Bytes old = program.link();
  program.add_function(20);
  const Bytes fresh = program.link();
  const std::size_t inserted = fresh.size() - old.size();
  EXPECT_LT(round_trip(old, fresh), inserted + 60);
}

TEST(Delta, AnotherBaseCostsNextToNothing) {
  const Program program(2, 400);
  EXPECT_LT(round_trip(program.link(0x08020000), program.link(0x08060000)), 60U);
}

TEST(Delta, TheBaseIsFoundByTheVectorTable) {
  constexpr std::uint32_t kAnywhere = 0x21006000;
  Bytes image(8);
  store_le32(ByteSpan(image), 0x20008000);  // the stack
  store_le32(ByteSpan(image).subspan(4), kAnywhere + 8 + 1);
  const Bytes code = Program(9, 40).link(kAnywhere + 8);
  image.insert(image.end(), code.begin(), code.end());
  EXPECT_EQ(thumb2::guess(image).base, kAnywhere);
}

TEST(Delta, ModesRoundTrip) {
  Program program(3);
  const Bytes old = program.link();
  program.change(5);
  program.add_function(7);
  const Bytes fresh = program.link(kBase, 0x20000140);
  const std::size_t thumb = round_trip(old, fresh, {.mode = Mode::kThumb2});
  const std::size_t plain = round_trip(old, fresh, {.mode = Mode::kPlain});
  EXPECT_LT(thumb * 2, plain);
  EXPECT_EQ(round_trip(old, fresh), thumb);
}

TEST(Delta, MemoryClassesRoundTrip) {
  Program program(4);
  const Bytes old = program.link();
  program.add_function(30);
  const Bytes fresh = program.link();
  for (const MemoryClass memory : {MemoryClass::kSmall, MemoryClass::kMedium, MemoryClass::kLarge}) {
    round_trip(old, fresh, {.memory = memory});
  }
}

TEST(Delta, OddImagesRoundTrip) {
  const Bytes one = {0x42};
  const Bytes text(5000, 'a');
  const Bytes other = noise(3000, 1);
  const Bytes program = Program(5).link();
  for (const Bytes& old : {Bytes(), one, text, other, program}) {
    for (const Bytes& fresh : {Bytes(), one, text, other, program}) {
      round_trip(old, fresh);
    }
  }
}

TEST(Delta, IdenticalImagesTakeAFewBytes) {
  const Bytes image = Program(6).link();
  EXPECT_LT(round_trip(image, image), 30U);
}

TEST(Delta, APartOfTheRunThatEndsTheOldImageIsCopied) {
  const Bytes run(100, 0xFF);
  Bytes old = noise(500, 1);
  old.insert(old.end(), run.begin(), run.end());
  old.insert(old.end(), run.begin(), run.end());
  Bytes fresh = noise(50, 2);
  fresh.insert(fresh.end(), run.begin(), run.end());
  const Bytes end = noise(50, 3);
  fresh.insert(fresh.end(), end.begin(), end.end());
  std::uint32_t copied = 0;
  for (const Piece& piece : match(old, fresh, 8)) {
    copied += piece.length;
  }
  EXPECT_GE(copied, run.size());
}

TEST(Delta, RandomEditsRoundTrip) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    std::mt19937 dice(seed);
    Bytes old = Program(seed, 10).link();
    Bytes fresh = old;
    for (std::uint32_t i = 0; i < dice() % 20; ++i) {
      const auto at = static_cast<std::ptrdiff_t>(dice() % fresh.size());
      const Bytes piece = noise(dice() % 30, seed * 100 + i);
      const auto end = std::min<std::ptrdiff_t>(at + dice() % 30, static_cast<std::ptrdiff_t>(fresh.size()));
      fresh.erase(fresh.begin() + at, fresh.begin() + end);
      fresh.insert(fresh.begin() + at, piece.begin(), piece.end());
    }
    round_trip(old, fresh);
    round_trip(fresh, old);
  }
}

TEST(Delta, SamePatchEveryTime) {
  Program program(7);
  const Bytes old = program.link();
  program.add_function(3);
  const Bytes fresh = program.link();
  EXPECT_EQ(make_patch(old, fresh).bytes, make_patch(old, fresh).bytes);
}

// --- Bad input ---

struct Example {
  Bytes old;
  Bytes fresh;
  Bytes patch;
};

Example example() {
  Program program(8, 12);
  Example made{.old = program.link()};
  program.change(4);
  program.add_function(6);
  made.fresh = program.link();
  made.patch = make_patch(made.old, made.fresh).bytes;
  return made;
}

// Refused, or (where the change makes no difference to the code) the right image all the same.
bool harmless(const Example& made, const Bytes& patch) {
  try {
    return apply_patch(made.old, patch, static_cast<std::uint32_t>(made.fresh.size())) == made.fresh;
  } catch (const Failure&) {
    return true;
  }
}

TEST(DeltaBadInput, CutAtEveryByteIsRefused) {
  const Example made = example();
  for (std::size_t length = 0; length < made.patch.size(); ++length) {
    const Bytes cut(made.patch.begin(), made.patch.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_THROW((void)apply_patch(made.old, cut, static_cast<std::uint32_t>(made.fresh.size())), Failure) << length;
  }
}

TEST(DeltaBadInput, ExtendedIsRefused) {
  const Example made = example();
  for (const std::size_t more : {1, 2, 3, 4, 5, 100}) {
    for (const std::uint8_t byte : {std::uint8_t{0}, std::uint8_t{0xFF}}) {
      Bytes longer = made.patch;
      longer.resize(longer.size() + more, byte);
      EXPECT_THROW((void)apply_patch(made.old, longer, static_cast<std::uint32_t>(made.fresh.size())), Failure);
    }
  }
}

TEST(DeltaBadInput, EveryFlippedBitIsHarmless) {
  const Example made = example();
  for (std::size_t bit = 0; bit < made.patch.size() * 8; ++bit) {
    Bytes changed = made.patch;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_TRUE(harmless(made, changed)) << bit;
  }
}

TEST(DeltaBadInput, NoiseBehindAGoodHeaderIsHarmless) {
  const Example made = example();
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    Bytes changed = noise(made.patch.size() + seed % 64, seed);
    std::copy_n(made.patch.begin(), kHeaderSize, changed.begin());
    EXPECT_TRUE(harmless(made, changed)) << seed;
  }
}

TEST(DeltaBadInput, AnotherOldImageIsRefused) {
  const Example made = example();
  const auto size = static_cast<std::uint32_t>(made.fresh.size());
  Bytes changed = made.old;
  changed[100] ^= 1;
  EXPECT_THROW((void)apply_patch(changed, made.patch, size), Failure);
  EXPECT_THROW((void)apply_patch(made.fresh, made.patch, size), Failure);
  EXPECT_THROW((void)apply_patch({}, made.patch, size), Failure);
}

TEST(DeltaBadInput, AnotherSizeIsRefused) {
  const Example made = example();
  for (const int by : {-100, -1, 1, 100}) {
    const auto size = static_cast<std::uint32_t>(static_cast<int>(made.fresh.size()) + by);
    EXPECT_THROW((void)apply_patch(made.old, made.patch, size), Failure) << by;
  }
}

TEST(DeltaBadInput, TooLargeImagesAreRefused) {
  const Bytes large(ferry::delta::kMostBytes + 1);
  EXPECT_THROW((void)make_patch(large, {}), Failure);
  EXPECT_THROW((void)make_patch({}, large), Failure);
}

// --- The decoder as the device has it ---

class Slot final : public ferry::ImageReader {
 public:
  explicit Slot(const Bytes& bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint32_t size() const override { return static_cast<std::uint32_t>(bytes_.size()); }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override {
    EXPECT_LE(offset, bytes_.size());
    EXPECT_LE(bytes.size(), bytes_.size() - offset);
    if (reads_left-- == 0) {
      return fail(Error::kIo);
    }
    ferry::copy(ByteView(bytes_).subspan(offset), bytes);
    return ok();
  }
  int reads_left = -1;

 private:
  const Bytes& bytes_;
};

Result<Bytes> decode(ferry::coding::ImageDecoder& decoder, Slot& slot, coding::Staged& staged, const Example& made,
                     std::size_t page) {
  FERRY_TRY(decoder.begin(slot, staged, static_cast<std::uint32_t>(made.patch.size()),
                          static_cast<std::uint32_t>(made.fresh.size())));
  Bytes image;
  Bytes buffer(page);
  while (true) {
    FERRY_TRY_ASSIGN(const std::size_t count, decoder.produce(buffer));
    if (count == 0) {
      return image;
    }
    image.insert(image.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

TEST(DeltaDecoder, PiecesOfAnySize) {
  const Example made = example();
  Decoder<> decoder;
  for (const std::size_t page : {4, 5, 7, 256, 4096}) {
    Slot slot(made.old);
    coding::Staged staged(made.patch);
    const auto image = decode(decoder.image_decoder(), slot, staged, made, page);
    ASSERT_TRUE(image) << page;
    EXPECT_EQ(*image, made.fresh) << page;
  }
}

TEST(DeltaDecoder, ALargerSlotIsNoHindranceASmallerOneIs) {
  const Example made = example();
  Decoder<> decoder;
  Bytes larger = made.old;
  larger.resize(larger.size() + 999, 0xFF);
  Slot slot(larger);
  coding::Staged staged(made.patch);
  const auto image = decode(decoder.image_decoder(), slot, staged, made, 256);
  ASSERT_TRUE(image);
  EXPECT_EQ(*image, made.fresh);
  const Bytes smaller(made.old.begin(), made.old.end() - 1);
  Slot cut(smaller);
  coding::Staged again(made.patch);
  EXPECT_EQ(decode(decoder.image_decoder(), cut, again, made, 256).error(), Error::kPrecursorMismatch);
}

TEST(DeltaDecoder, MoreMemoryThanThereIsIsRefused) {
  const Example made = example();
  Decoder<MemoryClass::kSmall> decoder;
  Slot slot(made.old);
  coding::Staged staged(made.patch);
  EXPECT_EQ(decode(decoder.image_decoder(), slot, staged, made, 256).error(), Error::kPayloadKindUnsupported);
}

TEST(DeltaDecoder, FailuresOfFlashAreTold) {
  const Example made = example();
  Decoder<> decoder;
  for (const int reads : {0, 1, 5}) {
    Slot slot(made.old);
    slot.reads_left = reads;
    coding::Staged staged(made.patch);
    EXPECT_EQ(decode(decoder.image_decoder(), slot, staged, made, 256).error(), Error::kIo) << reads;
    Bytes page(256);
    EXPECT_EQ(decoder.image_decoder().produce(page).error(), Error::kWrongState);
  }
  Slot slot(made.old);
  coding::Staged staged(made.patch);
  staged.fails_at = 60;
  EXPECT_EQ(decode(decoder.image_decoder(), slot, staged, made, 256).error(), Error::kIo);
}

}  // namespace
}  // namespace ferry::host::delta
