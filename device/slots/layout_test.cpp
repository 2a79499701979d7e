#include "device/slots/layout.h"

#include <gtest/gtest.h>

#include "sim/nor_flash.h"

namespace ferry {
namespace {

constexpr FlashGeometry kGeometry{.size = 256 * 1024, .sector_size = 4096, .write_size = 8};

Error error_of(const Result<Layout>& layout) {
  return layout ? Error{} : layout.error();
}

TEST(Layout, HandsOutDisjointAreasInOrder) {
  sim::FaultPlan faults;
  sim::NorFlash flash(kGeometry, faults);
  const LayoutPlan plan{.slot_size = 65536, .staging_size = 32768, .second_size = 8192, .image_count = 3};
  const auto layout = Layout::make(flash, plan);
  ASSERT_TRUE(layout);
  std::vector<Area> areas = {layout->journal};
  for (std::size_t image = 0; image < 3; ++image) {
    for (std::size_t slot = 0; slot < 2; ++slot) {
      areas.push_back(layout->images[image].image[slot]);
      areas.push_back(layout->images[image].envelope[slot]);
    }
  }
  areas.push_back(layout->staging);
  std::uint32_t total = 0;
  for (std::uint8_t i = 0; i < areas.size(); ++i) {  // each is filled with its own number: none covers another
    const std::vector<std::uint8_t> mark(areas[i].size(), i);
    ASSERT_TRUE(areas[i].program(0, mark)) << int{i};
    total += areas[i].size();
  }
  EXPECT_EQ(total, Layout::bytes_needed(plan, 4096));
  EXPECT_EQ(layout->images[0].image[0].size(), 65536 - Layout::kEnvelopeSize);
  EXPECT_EQ(layout->images[0].envelope[1].size(), Layout::kEnvelopeSize);
  EXPECT_EQ(layout->images[1].envelope[0].size(), 0U);
}

TEST(Layout, T35_RefusesWhatDoesNotFit) {
  sim::FaultPlan faults;
  sim::NorFlash flash(kGeometry, faults);
  EXPECT_EQ(error_of(Layout::make(flash, {.slot_size = 98304, .staging_size = 65536})), Error::kNoSpace);
  EXPECT_EQ(error_of(Layout::make(flash, {.slot_size = 0x80000000, .staging_size = 4096})), Error::kNoSpace);
  EXPECT_EQ(error_of(Layout::make(flash, {.slot_size = 65536, .staging_size = 5000})), Error::kInvalidArgument);
  EXPECT_EQ(error_of(Layout::make(flash, {.slot_size = 8192, .staging_size = 4096})), Error::kInvalidArgument);
  EXPECT_EQ(error_of(Layout::make(flash, {.slot_size = 65536, .staging_size = 4096, .image_count = 0})),
            Error::kInvalidArgument);
  EXPECT_EQ(error_of(Layout::make(flash, {.slot_size = 65536, .staging_size = 4096, .image_count = 5})),
            Error::kInvalidArgument);
  EXPECT_EQ(error_of(Layout::make(flash, {.slot_size = 65536, .staging_size = 4096, .image_count = 2})),
            Error::kInvalidArgument);
}

}  // namespace
}  // namespace ferry
