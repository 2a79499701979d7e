// Deltas of images of RISC-V code.
#include "device/delta/riscv.h"

#include <gtest/gtest.h>

#include "host/delta/encoder.h"
#include "host/delta/riscv_program_test_util.h"
#include "host/delta/segments.h"

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

}  // namespace
}  // namespace ferry::host::delta
