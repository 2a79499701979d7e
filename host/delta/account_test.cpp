#include "host/delta/account.h"

#include <gtest/gtest.h>

#include "host/delta/container.h"
#include "host/delta/program_test_util.h"
#include "host/failure.h"

namespace ferry::host::delta {
namespace {

struct Example {
  explicit Example(const EncodeOptions& options = {}) {
    Program program(11, 60);
    old = program.link();
    program.change(4);
    program.add_function(6);
    fresh = program.link(kBase, 0x20000140);
    delta = make_delta(old, fresh, options);
    parts = make_patch(old, fresh, options).parts;
  }
  Bytes old;
  Bytes fresh;
  Bytes delta;
  PatchParts parts;
};

TEST(DeltaAccount, AddsUpToTheDeltaAndToWhatTheEncoderSpent) {
  for (const Mode mode : {Mode::kPlain, Mode::kThumb2}) {
    const Example example({.mode = mode});
    const Account account = account_of(example.old, example.delta);
    const double sum = static_cast<double>(account.header_bytes) + account.map_bytes + account.command_bytes +
                       account.literal_bytes + account.copy_bytes();
    EXPECT_NEAR(sum, static_cast<double>(example.delta.size()), 5.0);
    EXPECT_NEAR(account.map_bytes, example.parts.map, 0.5);
    EXPECT_NEAR(account.command_bytes, example.parts.pieces, 0.5);
    EXPECT_NEAR(account.literal_bytes, example.parts.literals, 0.5);
    EXPECT_NEAR(account.copy_bytes(), example.parts.copies, 0.5);
    EXPECT_EQ(account.blocks.size(), example.parts.piece_count);
  }
}

TEST(DeltaAccount, BlocksCoverTheNewImageAndUnitsTheCopies) {
  const Example example({.mode = Mode::kThumb2});
  const Account account = account_of(example.old, example.delta);
  std::uint32_t at = 0;
  std::size_t copied = 0;
  std::size_t changed = 0;
  for (const BlockAccount& block : account.blocks) {
    EXPECT_EQ(block.at, at);
    at += block.literals + block.copied;
    copied += block.copied;
    for (std::uint32_t i = 0; i < block.copied; ++i) {
      changed += example.old[block.old_start + i] != example.fresh[block.at + block.literals + i] ? 1U : 0U;
    }
  }
  EXPECT_EQ(at, example.fresh.size());
  std::size_t counted = 0;
  for (const BlockAccount& block : account.blocks) {
    counted += block.changed;
  }
  EXPECT_EQ(counted, changed);
  const auto unit = [&](Unit which) { return account.units[static_cast<std::size_t>(which)]; };
  std::size_t bytes = unit(Unit::kByte).count;
  for (const Unit which : {Unit::kBranch, Unit::kImageAddress, Unit::kRamAddress}) {
    EXPECT_GT(unit(which).count, 10U) << static_cast<int>(which);
    EXPECT_GT(unit(which).as_predicted * 4, unit(which).count * 3) << static_cast<int>(which);
    EXPECT_LE(unit(which).bytes_of_surprises, unit(which).bytes);
    bytes += 4 * unit(which).count;
  }
  EXPECT_EQ(bytes, copied);
}

TEST(DeltaAccount, OfADamagedDeltaOrAnotherImageThereIsNone) {
  const Example example;
  Bytes damaged = example.delta;
  damaged.pop_back();
  EXPECT_THROW((void)account_of(example.old, damaged), Failure);
  EXPECT_THROW((void)account_of(example.fresh, example.delta), Failure);
  EXPECT_THROW((void)account_of(example.old, Bytes(10)), Failure);
}

TEST(DeltaAccount, OfADeltaForLinuxThereIsNone) {
  const Bytes old(142, 1);
  const Bytes delta = make_delta(old, Bytes(200, 2), {.memory = MemoryClass::kHuge});
  EXPECT_THROW((void)account_of(old, delta), Failure);
}

TEST(DeltaAccount, WhatADeltaIsForDoesNotDependOnTheSizeOfTheOldImage) {
  for (std::size_t size = 0; size < 300; ++size) {
    const Bytes old(size, 1);
    EXPECT_EQ(account_of(old, make_delta(old, Bytes(200, 2), {.mode = Mode::kPlain})).new_size, 200U) << size;
  }
}

}  // namespace
}  // namespace ferry::host::delta
