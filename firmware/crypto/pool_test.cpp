#include "firmware/crypto/pool.h"

#include <array>
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace ferry::firmware {
namespace {

constexpr std::size_t kSize = 1024;

struct PoolTest : testing::Test {
  alignas(Pool::kAlignment) std::array<std::uint8_t, kSize> area{};
  Pool pool{area};
};

TEST_F(PoolTest, GivesAlignedBlocksThatDoNotOverlap) {
  auto* a = static_cast<std::uint8_t*>(pool.take(1));
  auto* b = static_cast<std::uint8_t*>(pool.take(13));
  ASSERT_NE(a, nullptr);
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a) % Pool::kAlignment, 0U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(b) % Pool::kAlignment, 0U);
  EXPECT_GE(b, a + 1);
}

TEST_F(PoolTest, RefusesWhatDoesNotFit) {
  EXPECT_EQ(pool.take(kSize), nullptr);
  EXPECT_EQ(pool.take(SIZE_MAX), nullptr);
  EXPECT_EQ(pool.take(SIZE_MAX - 2), nullptr);
  void* all = pool.take(kSize - 2 * Pool::kAlignment);
  EXPECT_NE(all, nullptr);
  EXPECT_EQ(pool.take(1), nullptr);
  pool.give_back(all);
  EXPECT_NE(pool.take(1), nullptr);
}

TEST_F(PoolTest, JoinsFreeNeighbours) {
  std::array<void*, 3> blocks{pool.take(300), pool.take(300), pool.take(300)};
  EXPECT_EQ(pool.take(600), nullptr);
  pool.give_back(blocks[1]);
  EXPECT_EQ(pool.take(600), nullptr);
  pool.give_back(blocks[0]);
  EXPECT_EQ(pool.take(600), blocks[0]);
  pool.give_back(nullptr);
}

TEST_F(PoolTest, TellsTheMostThatWasUsed) {
  EXPECT_EQ(pool.most_used(), 0U);
  void* first = pool.take(100);
  pool.give_back(pool.take(200));
  pool.give_back(first);
  const std::size_t most = pool.most_used();
  EXPECT_GE(most, 300U);
  EXPECT_LE(most, 300U + 3 * Pool::kAlignment);

  Pool smaller(ByteSpan(area).first(most));
  EXPECT_NE(smaller.take(100), nullptr);
  EXPECT_NE(smaller.take(200), nullptr);
}

TEST(Pool, RefusesEverythingWithoutAnArea) {
  Pool pool;
  EXPECT_EQ(pool.take(1), nullptr);
}

struct Block {
  std::uint8_t* bytes;
  std::size_t size;
  std::uint8_t mark;
};

bool is_whole(const Block& block) {
  return std::all_of(block.bytes, block.bytes + block.size, [&](std::uint8_t byte) { return byte == block.mark; });
}

TEST_F(PoolTest, KeepsWhatIsInBlocksThroughManyTurns) {
  std::mt19937 dice(1);
  std::vector<Block> blocks;
  for (int turn = 0; turn < 20000; ++turn) {
    if (blocks.empty() || dice() % 2 == 0) {
      const std::size_t size = dice() % 80;
      if (auto* bytes = static_cast<std::uint8_t*>(pool.take(size))) {
        blocks.push_back({bytes, size, static_cast<std::uint8_t>(dice())});
        std::memset(bytes, blocks.back().mark, size);
      }
      continue;
    }
    std::swap(blocks[dice() % blocks.size()], blocks.back());
    ASSERT_TRUE(is_whole(blocks.back()));
    pool.give_back(blocks.back().bytes);
    blocks.pop_back();
  }
  for (const Block& block : blocks) {
    ASSERT_TRUE(is_whole(block));
    pool.give_back(block.bytes);
  }
  EXPECT_NE(pool.take(kSize - 2 * Pool::kAlignment), nullptr);
}

}  // namespace
}  // namespace ferry::firmware
