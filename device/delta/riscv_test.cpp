#include "device/delta/riscv.h"

#include <gtest/gtest.h>

namespace ferry::delta {
namespace {

constexpr std::uint32_t kBase = 0x42000000;
constexpr std::uint32_t kNewBase = kBase + 0x100000;
constexpr std::uint32_t kSize = 0x10000;

// As GNU as writes them.
constexpr std::uint32_t kCall = 0x234010EF;           // jal ra, .+0x1234
constexpr std::uint32_t kCallBack = 0xFFCFF0EF;       // jal ra, .-0x804
constexpr std::uint32_t kBranch = 0x12B50263;         // beq a0, a1, .+0x124
constexpr std::uint32_t kBranchBack = 0xFEB51E63;     // bne a0, a1, .-0x804
constexpr std::uint32_t kShortJump = 0xAFDD;          // c.j .+0x7f6
constexpr std::uint32_t kShortCall = 0x3DDD;          // c.jal .-0x10a
constexpr std::uint32_t kShortBranch = 0xCD7D;        // c.beqz a0, .+0xfe
constexpr std::uint32_t kShortBranchBack = 0xFD79;    // c.bnez a0, .-0x22
constexpr std::uint32_t kUpper = 0x420087B7;          // lui a5, 0x42008
constexpr std::uint32_t kAdd = 0xAE878793;            // addi a5, a5, -1304
constexpr std::uint32_t kStore = 0xAEA7A423;          // sw a0, -1304(a5)
constexpr std::uint32_t kLoad = 0x6F87A503;           // lw a0, 1784(a5)
constexpr std::uint32_t kUpperFromHere = 0x00007597;  // auipc a1, 0x7
constexpr std::uint32_t kFarCall = 0xFF8580E7;        // jalr ra, -8(a1)

class RiscVTest : public testing::Test {
 protected:
  void put(std::uint32_t at, std::uint32_t word) { store_le32(ByteSpan(image_).subspan(at, 4), word); }
  // The step at `from`, which is to stand at `at`.
  Step step(std::uint32_t from, std::uint32_t at, std::uint32_t left = 100) {
    Window window{ByteView(image_)};
    return set_.step(window, window.four(from), at, from, left);
  }
  Step step(std::uint32_t from) { return step(from, from); }
  Word word(std::uint32_t from) const { return Window{ByteView(image_)}.four(from); }
  std::uint32_t moved(std::uint32_t from, const Step& step, std::uint32_t to, std::uint32_t at) const {
    return load_le32(set_.moved(word(from), step, to, at));
  }
  // What a lower part that follows adds up to with an upper one.
  std::uint32_t learn(const Step& step, std::uint32_t made, std::uint32_t at) {
    Word word{};
    store_le32(word, made);
    return set_.target(word, step, at).value_or(0xFFFFFFFF);
  }

  std::array<std::uint8_t, kSize> image_{};
  std::array<PackedBlock, RiscV::kBlocks> room_;
  RiscV set_{room_, {.old_image = kBase, .new_image = kNewBase}, kSize};
};

TEST_F(RiscVTest, ReadsWhatHoldsADistance) {
  struct Example {
    std::uint32_t word;
    std::uint32_t distance;
    std::uint8_t size;
  };
  for (const Example& example :
       {Example{kCall, 0x1234, 4}, Example{kCallBack, 0U - 0x804U, 4}, Example{kBranch, 0x124, 4},
        Example{kBranchBack, 0U - 0x804U, 4}, Example{kShortJump, 0x7F6, 2}, Example{kShortCall, 0U - 0x10AU, 2},
        Example{kShortBranch, 0xFE, 2}, Example{kShortBranchBack, 0U - 0x22U, 2}}) {
    put(0x2002, example.word);
    const Step found = step(0x2002);
    EXPECT_EQ(found.operand, Operand::kBranch) << std::hex << example.word;
    EXPECT_EQ(found.size, example.size);
    EXPECT_EQ(found.address, 0x2002 + example.distance);
    EXPECT_EQ(found.variant, example.word == kCall || example.word == kCallBack ? 0 : 1);
  }
}

TEST_F(RiscVTest, EveryDistanceComesBack) {
  struct Range {
    std::uint32_t word;
    std::uint8_t size;
    std::uint32_t reach;
  };
  for (const Range& range : {Range{kCall, 4, 1U << 20U}, Range{kBranch, 4, 1U << 12U}, Range{kShortJump, 2, 1U << 11U},
                             Range{kShortBranch, 2, 1U << 8U}}) {
    Word word{};
    store_le32(word, range.word);
    const Step step{.size = range.size, .operand = Operand::kBranch};
    for (std::uint32_t to = 0x200000 - range.reach; to != 0x200000 + range.reach; to += 2) {
      const Word made = set_.moved(word, step, to, 0x200000);
      ASSERT_EQ(set_.target(made, step, 0x200000), to);
      const Word back = set_.moved(made, step, 0x200000 + 0x40, 0x200000);
      ASSERT_EQ(load_le32(back), load_le32(set_.moved(word, step, 0x200000 + 0x40, 0x200000)));
    }
  }
}

TEST_F(RiscVTest, AnAddressInTwoParts) {
  put(0x2000, kUpper);
  put(0x2004, kAdd);
  const Step upper = step(0x2000, 0x3000);
  EXPECT_EQ(upper.operand, Operand::kInside);
  EXPECT_EQ(upper.part, Step::kUpper);
  EXPECT_EQ(upper.address, 0x8000U - 1304);
  // In the new image it is 0x9800 on, which the lower part has as a negative number.
  const std::uint32_t made = moved(0x2000, upper, 0x9800, 0x3000);
  EXPECT_EQ(made, 0x4210A7B7U);
  EXPECT_EQ(learn(upper, made, 0x3000), 0xFFFFFFFFU);
  const Step lower = step(0x2004, 0x3004);
  EXPECT_EQ(lower.part, Step::kLower);
  EXPECT_EQ(lower.address, upper.address);
  const std::uint32_t add = moved(0x2004, lower, 0x9800, 0x3004);
  EXPECT_EQ(add, 0x80078793U);
  EXPECT_EQ(learn(lower, add, 0x3004), 0x9800U);
  // What ADDI left in the register is no upper part.
  put(0x2008, kLoad);
  EXPECT_EQ(step(0x2008, 0x3008).operand, Operand::kNone);
}

TEST_F(RiscVTest, StoresAndLoadsShareAnUpperPart) {
  put(0x2000, kUpper);
  put(0x2004, kStore);
  put(0x2008, kLoad);
  const Step upper = step(0x2000);
  (void)learn(upper, moved(0x2000, upper, upper.address, 0x2000), 0x2000);
  const Step store = step(0x2004);
  EXPECT_EQ(store.address, 0x8000U - 1304);
  EXPECT_EQ(learn(store, moved(0x2004, store, 0x7F00, 0x2004), 0x2004), 0x7F00U);
  EXPECT_EQ(step(0x2008).address, 0x8000U + 1784);
}

TEST_F(RiscVTest, FarCallsCountFromHere) {
  put(0x2000, kUpperFromHere);
  put(0x2004, kFarCall);
  const Step upper = step(0x2000, 0x4000);
  EXPECT_EQ(upper.address, 0x2000U + 0x7000 - 8);
  const std::uint32_t made = moved(0x2000, upper, 0xA000, 0x4000);
  EXPECT_EQ(made, 0x00006597U);
  (void)learn(upper, made, 0x4000);
  const Step lower = step(0x2004, 0x4004);
  EXPECT_EQ(lower.address, upper.address);
  EXPECT_EQ(learn(lower, moved(0x2004, lower, 0xA000, 0x4004), 0x4004), 0xA000U);
}

TEST_F(RiscVTest, NumbersAreNoAddresses) {
  put(0x2000, 0x000017B7);  // lui a5, 1
  put(0x2004, kAdd);
  EXPECT_EQ(step(0x2000).operand, Operand::kNone);
  EXPECT_EQ(step(0x2004).operand, Operand::kNone);
}

TEST_F(RiscVTest, WordsThatAreAddresses) {
  put(0x2000, kBase + 0x210);
  const Step inside = step(0x2000);
  EXPECT_EQ(inside.operand, Operand::kInside);
  EXPECT_EQ(inside.part, Step::kWhole);
  EXPECT_EQ(inside.address, 0x210U);
  EXPECT_EQ(moved(0x2000, inside, 0x220, 0), kNewBase + 0x220);
  put(0x2000, 0x3FC80124);
  EXPECT_EQ(step(0x2000).operand, Operand::kOutside);
  put(0x2000, kBase + kSize);
  EXPECT_EQ(step(0x2000).operand, Operand::kNone);
}

TEST_F(RiscVTest, NoStepIsLongerThanWhatIsLeft) {
  for (const std::uint32_t word : {kCall, kUpper, kAdd, kShortJump, kBase}) {
    put(0x2000, word);
    for (std::uint32_t left = 1; left <= 4; ++left) {
      EXPECT_LE(step(0x2000, 0x2000, left).size, left);
      EXPECT_LE(step(0x2000, 0x2001, left).size, left);
    }
  }
}

}  // namespace
}  // namespace ferry::delta
