// Deltas of images of RISC-V code.
#include "device/delta/riscv.h"

#include <gtest/gtest.h>

#include "device/delta/decoder.h"
#include "device/delta/in_memory.h"
#include "host/delta/encoder.h"
#include "host/delta/riscv_program_test_util.h"
#include "host/delta/segments.h"
#include "host/failure.h"

namespace ferry::host::delta {
namespace {

using ferry::delta::kHeaderSize;

std::size_t round_trip(const Bytes& old, const Bytes& fresh, const EncodeOptions& options = {}) {
  const Patch patch = make_patch(old, fresh, options);
  EXPECT_EQ(apply_patch(old, patch.bytes, static_cast<std::uint32_t>(fresh.size())), fresh);
  return patch.bytes.size() - kHeaderSize;
}

TEST(DeltaRiscV, CodeThatOnlyMovedCostsNextToNothing) {
  RiscVProgram program(1, 200);
  const Bytes old = program.link();
  program.add_function(100);
  const Bytes fresh = program.link();
  const std::size_t inserted = fresh.size() - old.size();
  EXPECT_LT(round_trip(old, fresh), inserted + 100);
  EXPECT_EQ(make_patch(old, fresh).header.mode, Mode::kRiscV);
  EXPECT_GT(round_trip(old, fresh, {.mode = Mode::kPlain}), 5 * inserted);
}

TEST(DeltaRiscV, AnotherBaseCostsNextToNothing) {
  const RiscVProgram program(2, 200);
  EXPECT_LT(round_trip(program.link(), program.link(RiscVProgram::kFlash + 0x180000)), 100U);
}

TEST(DeltaRiscV, VariablesThatMovedCostLittle) {
  const RiscVProgram program(3, 200);
  const Bytes old = program.link();
  const Bytes fresh = program.link(RiscVProgram::kFlash, RiscVProgram::kRam + 0x124);
  EXPECT_LT(round_trip(old, fresh) * 3, round_trip(old, fresh, {.mode = Mode::kPlain}));
}

TEST(DeltaRiscV, TheBaseIsFound) {
  for (const std::uint32_t base : {0x08000000U, 0x20010000U, 0x42000000U, 0x80000000U}) {
    EXPECT_EQ(guess_riscv(RiscVProgram(4).link(base)).base, base);
  }
  EXPECT_EQ(guess_riscv({}).base, RiscVProgram::kFlash);
}

TEST(DeltaRiscV, AnyBytesRoundTrip) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    std::mt19937 dice(seed);
    const Bytes old = RiscVProgram(seed, 8).link();
    Bytes fresh = old;
    for (int i = 0; i < 8; ++i) {
      fresh[dice() % fresh.size()] = static_cast<std::uint8_t>(dice());
      const auto at = fresh.begin() + static_cast<std::ptrdiff_t>(dice() % fresh.size());
      fresh.insert(at, dice() % 9, static_cast<std::uint8_t>(dice()));
    }
    round_trip(old, fresh, {.mode = Mode::kRiscV});
    round_trip(fresh, old, {.mode = Mode::kRiscV});
  }
}

TEST(DeltaRiscV, EveryFlippedBitIsHarmless) {
  RiscVProgram program(6, 8);
  const Bytes old = program.link();
  program.add_function(4);
  const Bytes fresh = program.link();
  const Bytes patch = make_patch(old, fresh, {.mode = Mode::kRiscV}).bytes;
  for (std::size_t bit = 0; bit < patch.size() * 8; ++bit) {
    Bytes changed = patch;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    try {
      EXPECT_EQ(apply_patch(old, changed, static_cast<std::uint32_t>(fresh.size())), fresh) << bit;
    } catch (const Failure&) {
    }
  }
}

TEST(DeltaRiscV, CutAtEveryByteIsRefused) {
  RiscVProgram program(8, 8);
  const Bytes old = program.link();
  program.add_function(4);
  const Bytes fresh = program.link();
  const Bytes patch = make_patch(old, fresh, {.mode = Mode::kRiscV}).bytes;
  for (std::size_t length = 0; length < patch.size(); ++length) {
    EXPECT_THROW((void)apply_patch(old, ByteView(patch).first(length), static_cast<std::uint32_t>(fresh.size())),
                 Failure)
        << length;
  }
}

TEST(DeltaRiscV, ADecoderWithoutTheModeRefusesIt) {
  const Bytes old = RiscVProgram(7, 8).link();
  const Bytes patch = make_patch(old, old, {.mode = Mode::kRiscV}).bytes;
  ferry::delta::ImageInMemory image(old);
  const auto begin = [&](ferry::delta::Patcher& patcher) {
    ferry::delta::PatchInMemory source(patch);
    return patcher.begin(image, source, static_cast<std::uint32_t>(patch.size()),
                         static_cast<std::uint32_t>(old.size()));
  };
  ferry::delta::Decoder<> cortex_m;
  EXPECT_EQ(begin(cortex_m.patcher()).error(), Error::kPayloadKindUnsupported);
  ferry::delta::Decoder<MemoryClass::kMedium, ferry::delta::SetsOf<ferry::delta::RiscV>> riscv;
  EXPECT_TRUE(begin(riscv.patcher()));
}

}  // namespace
}  // namespace ferry::host::delta
