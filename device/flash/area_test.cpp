#include "device/flash/area.h"

#include <array>
#include <gtest/gtest.h>

#include "sim/nor_flash.h"

namespace ferry {
namespace {

class AreaTest : public ::testing::Test {
 protected:
  static Error error_of(const Status& status) { return status ? Error{} : status.error(); }

  sim::FaultPlan faults;
  sim::NorFlash flash{{.size = 8192, .sector_size = 1024, .write_size = 4}, faults};
  Area area{flash, 2048, 3072};
  std::array<std::uint8_t, 4> unit{1, 2, 3, 4};
};

TEST_F(AreaTest, HasOffsetsOfItsOwn) {
  ASSERT_TRUE(area.program(1024, unit));
  EXPECT_EQ(flash.content().bytes[3072], 1);
  std::array<std::uint8_t, 4> read{};
  ASSERT_TRUE(area.read(1024, read));
  EXPECT_EQ(read, unit);
  EXPECT_EQ(area.size(), 3072U);
  EXPECT_EQ(area.sector_size(), 1024U);
  EXPECT_EQ(area.write_size(), 4U);
}

TEST_F(AreaTest, NothingLeavesIt) {
  std::array<std::uint8_t, 4> bytes{};
  for (const std::uint32_t offset : {3069U, 3072U, 0xFFFFFFFCU, 0xFFFFFFFFU}) {
    EXPECT_EQ(error_of(area.read(offset, bytes)), Error::kOutOfRange);
    EXPECT_EQ(error_of(area.program(offset, bytes)), Error::kOutOfRange);
    EXPECT_EQ(error_of(area.erase(offset, 4)), Error::kOutOfRange);
  }
  EXPECT_EQ(error_of(area.erase_sector(3072)), Error::kOutOfRange);
  EXPECT_EQ(error_of(area.erase(0, 3073)), Error::kOutOfRange);
  EXPECT_EQ(faults.flash_operations, 0U);
}

TEST_F(AreaTest, ErasesEverySectorThatARangeTouches) {
  for (std::uint32_t sector = 0; sector < 8; ++sector) {
    ASSERT_TRUE(flash.program(sector * 1024, unit));
  }
  ASSERT_TRUE(area.erase(1023, 2));
  for (std::uint32_t sector = 0; sector < 8; ++sector) {
    const bool is_erased = flash.content().bytes[sector * 1024] == 0xFF;
    EXPECT_EQ(is_erased, sector == 2 || sector == 3) << sector;
  }
  ASSERT_TRUE(area.erase(3072, 0));
  ASSERT_TRUE(area.erase(2048, 1024));
  EXPECT_EQ(flash.content().bytes[4096], 0xFF);
}

TEST_F(AreaTest, IsEmptyWhereItIsNotWholeSectorsOfTheFlash) {
  for (const auto& [offset, size] : {std::pair{100U, 1024U}, {1024U, 100U}, {7168U, 2048U}, {0xFFFFFC00U, 2048U}}) {
    EXPECT_EQ(Area(flash, offset, size).size(), 0U);
  }
  EXPECT_EQ(area.part(1024, 2048).size(), 2048U);
  EXPECT_EQ(area.part(1024, 3072).size(), 0U);
  EXPECT_EQ(area.part(4096, 0).size(), 0U);
  EXPECT_EQ(Area().part(0, 0).size(), 0U);
  const Area empty;
  EXPECT_EQ(empty.sector_size(), 0U);
  EXPECT_EQ(error_of(empty.program(0, unit)), Error::kOutOfRange);
  EXPECT_EQ(error_of(empty.erase_sector(0)), Error::kOutOfRange);
}

}  // namespace
}  // namespace ferry
