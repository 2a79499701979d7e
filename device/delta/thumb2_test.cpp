#include "device/delta/thumb2.h"

#include <gtest/gtest.h>

namespace ferry::delta {
namespace {

// As an assembler writes them: `bl .+4` is f000 f800, `b.w .+4` f000 b800, `bl .` f7ff fffe.
constexpr Word kNext = {0x00, 0xF0, 0x00, 0xF8};
constexpr Word kBranchWide = {0x00, 0xF0, 0x00, 0xB8};
constexpr Word kItself = {0xFF, 0xF7, 0xFE, 0xFF};

TEST(Thumb, KnowsBranches) {
  EXPECT_TRUE(is_branch(kNext));
  EXPECT_TRUE(is_branch(kBranchWide));
  EXPECT_TRUE(is_branch(kItself));
  EXPECT_FALSE(is_branch({0x00, 0xF0, 0x00, 0xE8}));  // BLX, which Cortex-M lacks
  EXPECT_FALSE(is_branch({0x00, 0xF0, 0x00, 0x80}));  // conditional
  EXPECT_FALSE(is_branch({0x70, 0x47, 0x00, 0xBF}));  // bx lr; nop
}

TEST(Thumb, ReadsDistances) {
  EXPECT_EQ(branch_distance(kNext), 0);
  EXPECT_EQ(branch_distance(kItself), -4);
}

TEST(Thumb, EveryDistanceComesBack) {
  for (const Word& word : {kNext, kBranchWide}) {
    for (std::int32_t distance = -(1 << 24); distance < 1 << 24; distance += 4094) {
      const Word changed = with_distance(word, distance);
      ASSERT_TRUE(is_branch(changed));
      ASSERT_EQ(branch_distance(changed), distance);
      ASSERT_EQ(with_distance(changed, branch_distance(word)), word);
    }
  }
}

class Steps : public testing::Test {
 protected:
  static constexpr std::uint32_t kBase = 0x21006000;
  void put(std::uint32_t at, std::uint32_t value) { store_le32(ByteSpan(image_).subspan(at, 4), value); }
  // Goes through the image, and has the step at each place where one begins.
  void run() {
    Thumb2 set({.old_image = kBase, .new_image = kBase}, static_cast<std::uint32_t>(image_.size()));
    Window window{ByteView(image_)};
    for (std::uint32_t at = 0; at + 4 <= image_.size();) {
      steps_[at] = set.step(window, window.four(at), at, at, static_cast<std::uint32_t>(image_.size()) - at);
      at += steps_[at].size;
    }
  }
  std::array<std::uint8_t, 2048> image_{};
  std::array<Step, 2048> steps_{};
};

TEST_F(Steps, AddressesThatNoCodeNamesAreDoubtedNearBranches) {
  put(0, load_le32(kNext));
  put(8, 0x00004801);      // ldr r0, [pc, #4], of the word at 16
  put(12, kBase + 0x101);  // an address, or ...: not named
  put(16, kBase + 0x101);  // named
  put(20, kBase + 0x101);  // behind an address that is named
  put(28, 0x0000A100);     // adr r1, of the word at 32
  put(32, kBase + 0x101);
  put(40, 0x20000100);
  put(1000, kBase + 0x101);  // far from code
  run();
  EXPECT_TRUE(steps_[12].doubtful);
  EXPECT_FALSE(steps_[16].doubtful);
  EXPECT_FALSE(steps_[20].doubtful);
  EXPECT_FALSE(steps_[32].doubtful);
  EXPECT_TRUE(steps_[40].doubtful);
  EXPECT_FALSE(steps_[1000].doubtful);
  for (const std::size_t at : {12U, 16U, 20U, 32U, 1000U}) {
    EXPECT_EQ(steps_[at].operand, Operand::kInside) << at;
  }
}

TEST_F(Steps, JumpThroughATableIsNoBranch) {
  put(0, 0x0000A101);  // adr r1, of the word at 8
  put(4, 0xF026F851);  // ldr.w pc, [r1, r6, lsl #2]
  put(8, kBase + 0x3035);
  ASSERT_TRUE(is_branch({0x26, 0xF0, 0x35, 0x90}));
  run();
  EXPECT_EQ(steps_[6].operand, Operand::kNone);
  EXPECT_EQ(steps_[6].size, 2);
}

}  // namespace
}  // namespace ferry::delta
