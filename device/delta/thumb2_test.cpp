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

}  // namespace
}  // namespace ferry::delta
