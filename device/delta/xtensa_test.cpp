#include "device/delta/xtensa.h"

#include <gtest/gtest.h>

#include "device/delta/in_memory.h"

namespace ferry::delta {
namespace {

constexpr std::uint32_t kBase = 0x40200000;
constexpr std::uint32_t kSize = 0x1000;

// As an assembler writes them, at a multiple of four: `call0 .+4` is 05 00 00, `call0 .` c5 ff ff (the distance counts
// words from the next multiple of four), `l32r a2, .-4` 21 ff ff, `addi a1, a1, -16` 12 c1 f0, `ret.n` 0d f0.
constexpr Word kCallNext = {0x05, 0x00, 0x00, 0x00};
constexpr Word kCallItself = {0xC5, 0xFF, 0xFF, 0x00};
constexpr Word kLoadBefore = {0x21, 0xFF, 0xFF, 0x00};
constexpr Word kAdd = {0x12, 0xC1, 0xF0, 0x00};
constexpr Word kReturn = {0x0D, 0xF0, 0x00, 0x00};

class XtensaTest : public testing::Test {
 protected:
  // The step where `word` stands at `from` of an image of zeros and is to stand at `at`.
  Step step(const Word& word, std::uint32_t at, std::uint32_t from, std::uint32_t left = 4) {
    std::array<std::uint8_t, kSize> image{};
    for (std::size_t i = 0; i < word.size(); ++i) {
      image[from + i] = word[i];
    }
    Window window{ByteView(image)};
    Xtensa fresh(room_, {.old_image = kBase, .new_image = kBase + 0x100000}, kSize);
    for (std::uint32_t before = 0; before < from; before += 3) {
      (void)fresh.step(window, window.four(before), before, before, from - before);
    }
    return fresh.step(window, word, at, from, left);
  }
  std::array<PackedBlock, Xtensa::kBlocks> room_;
  Xtensa set_{room_, {.old_image = kBase, .new_image = kBase + 0x100000}, kSize};
};

TEST_F(XtensaTest, ReadsCallsAndLoads) {
  const Step next = step(kCallNext, 96, 96);
  EXPECT_EQ(next.operand, Operand::kBranch);
  EXPECT_EQ(next.size, 3);
  EXPECT_EQ(next.variant, 0);
  EXPECT_EQ(next.address, 100U);
  EXPECT_EQ(step(kCallItself, 96, 96).address, 96U);
  const Step load = step(kLoadBefore, 96, 96);
  EXPECT_EQ(load.operand, Operand::kBranch);
  EXPECT_EQ(load.variant, 1);
  EXPECT_EQ(load.address, 92U);
}

TEST_F(XtensaTest, OtherInstructionsHaveTheirSizes) {
  const Step add = step(kAdd, 96, 96);
  EXPECT_EQ(add.operand, Operand::kNone);
  EXPECT_EQ(add.size, 3);
  const Step back = step(kReturn, 96, 96);
  EXPECT_EQ(back.operand, Operand::kNone);
  EXPECT_EQ(back.size, 2);
}

TEST_F(XtensaTest, NoStepIsLongerThanWhatIsLeft) {
  for (const Word& word : {kCallNext, kLoadBefore, kAdd, kReturn}) {
    EXPECT_EQ(step(word, 96, 96, 1).size, 1);
    EXPECT_EQ(step(word, 96, 96, 1).operand, Operand::kNone);
  }
}

TEST_F(XtensaTest, EveryDistanceComesBack) {
  for (const std::uint32_t at : {0x200000U, 0x200001U, 0x200002U, 0x200003U}) {
    const Step call{.size = 3, .operand = Operand::kBranch, .variant = 0};
    const std::uint32_t middle = (at & ~3U) + 4;
    for (std::uint32_t to = middle - (1U << 19U); to != middle + (1U << 19U); to += 4) {
      ASSERT_EQ(set_.target(set_.moved(kCallNext, call, to, at), call, at), to);
    }
    const Step load{.size = 3, .operand = Operand::kBranch, .variant = 1};
    const std::uint32_t end = (at + 3) & ~3U;
    for (std::uint32_t to = end - (1U << 18U); to != end; to += 4) {
      ASSERT_EQ(set_.target(set_.moved(kLoadBefore, load, to, at), load, at), to);
    }
  }
}

TEST_F(XtensaTest, OnlyTheOperandChanges) {
  const Step call{.size = 3, .operand = Operand::kBranch, .variant = 0};
  const Word call8 = {0xA5, 0x12, 0x34, 0x77};
  const Word moved = set_.moved(call8, call, 0x1000, 0x2000);
  EXPECT_EQ(moved[0] & 0x3F, 0xA5 & 0x3F);
  EXPECT_EQ(moved[3], 0x77);
  EXPECT_EQ(set_.target(kLoadBefore, call, 0), std::nullopt);
}

TEST_F(XtensaTest, WordsThatAreAddresses) {
  const Step inside = step({0x10, 0x02, 0x20, 0x40}, 96, 96);
  EXPECT_EQ(inside.operand, Operand::kInside);
  EXPECT_EQ(inside.size, 4);
  EXPECT_EQ(inside.address, 0x210U);
  EXPECT_EQ(load_le32(set_.moved({}, inside, 0x220, 0)), kBase + 0x100220);
  const Step outside = step({0x00, 0x80, 0xFE, 0x3F}, 96, 96);
  EXPECT_EQ(outside.operand, Operand::kOutside);
  EXPECT_EQ(outside.address, 0x3FFE8000U);
  EXPECT_EQ(step({0x00, 0x00, 0x00, 0x40}, 96, 96).operand, Operand::kNone);  // of the ROM
  EXPECT_NE(step({0x10, 0x02, 0x20, 0x40}, 97, 96).operand, Operand::kInside);
}

TEST(Layout, StretchesBothWays) {
  // Two stretches, the first from 0x10 on at 0x40100000, the second from 0x400 on at the flash again.
  constexpr std::array<std::uint8_t, 14> kBytes = {0x10, 0, 0, 0, 0, 0x10, 0x40, 0x00, 0x04, 0, 0x00, 0x04, 0x20, 0x40};
  PatchInMemory source{ByteView(kBytes)};
  coding::ByteReader reader(source);
  std::array<PackedBlock, Layout::kMost> room;
  Layout layout(room, kBase, kSize);
  ASSERT_TRUE(layout.read(reader, 2));
  for (std::uint32_t place = 0; place < kSize; ++place) {
    ASSERT_EQ(layout.place_of(layout.address_of(place)), place);
  }
  EXPECT_EQ(layout.address_of(0x10), 0x40100000U);
  EXPECT_EQ(layout.address_of(0x400), kBase + 0x400);
  EXPECT_EQ(layout.place_of(0x40100000 + 0x400), std::nullopt);  // past the stretch
  EXPECT_EQ(layout.place_of(kBase + kSize), std::nullopt);
}

TEST(Layout, WhatIsOutOfOrderIsRefused) {
  constexpr std::array<std::uint8_t, 14> kBytes = {0x10, 0, 0, 0, 0, 0, 0, 0x08, 0, 0, 0, 0, 0, 0};
  PatchInMemory source{ByteView(kBytes)};
  coding::ByteReader reader(source);
  std::array<PackedBlock, Layout::kMost> room;
  Layout layout(room, kBase, kSize);
  EXPECT_FALSE(layout.read(reader, 2));
  EXPECT_FALSE(Layout(room, kBase, kSize).read(reader, Layout::kMost + 1));
}

}  // namespace
}  // namespace ferry::delta
