#include "device/slots/slot.h"

#include <gtest/gtest.h>
#include <random>

#include "sim/nor_flash.h"

namespace ferry {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes pattern(std::size_t size, std::uint32_t seed = 1) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(random());
  }
  return bytes;
}

class SlotTest : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  Bytes content(std::size_t size, std::uint32_t offset = 0) {
    Bytes bytes(size);
    EXPECT_TRUE(area.read(offset, bytes));
    return bytes;
  }
  Status burn(ByteView image, std::size_t piece) {
    SlotWriter writer(area, buffer);
    FERRY_TRY(writer.begin(static_cast<std::uint32_t>(image.size())));
    while (!image.empty()) {
      const std::size_t length = std::min(piece, image.size());
      FERRY_TRY(writer.write(image.first(length)));
      image = image.subspan(length);
    }
    return writer.finish();
  }
  static Error error_of(const Status& status) { return status ? Error{} : status.error(); }

  sim::FaultPlan faults;
  sim::NorFlash flash{{.size = 16384, .sector_size = 1024, .write_size = GetParam()}, faults};
  Area area{flash, 4096, 8192};
  std::array<std::uint8_t, 32> buffer{};
};

TEST_P(SlotTest, BurnsWhateverThePieces) {
  for (const std::size_t size : {0U, 1U, 31U, 1023U, 1024U, 1025U, 5000U, 8192U}) {
    for (const std::size_t piece : {1U, 7U, 32U, 1000U, 8192U}) {
      const Bytes image = pattern(size, static_cast<std::uint32_t>(size + piece));
      ASSERT_TRUE(burn(image, piece)) << size << ' ' << piece;
      EXPECT_EQ(content(size), image);
    }
  }
  const auto& bytes = flash.content().bytes;
  EXPECT_TRUE(std::all_of(bytes.begin(), bytes.begin() + 4096, [](auto byte) { return byte == 0xFF; }));
  EXPECT_TRUE(std::all_of(bytes.begin() + 12288, bytes.end(), [](auto byte) { return byte == 0xFF; }));
}

TEST_P(SlotTest, T35_ImageLargerThanTheSlotIsRefusedBeforeAnythingIsErased) {
  SlotWriter writer(area, buffer);
  EXPECT_EQ(error_of(writer.begin(8193)), Error::kImageTooLarge);
  EXPECT_EQ(error_of(writer.begin(UINT32_MAX)), Error::kImageTooLarge);
  ASSERT_TRUE(writer.begin(100));
  EXPECT_EQ(error_of(writer.write(pattern(101))), Error::kImageTooLarge);
  ASSERT_TRUE(writer.write(pattern(60)));
  EXPECT_EQ(error_of(writer.write(pattern(41))), Error::kImageTooLarge);
  EXPECT_EQ(error_of(writer.finish()), Error::kWrongState);
  ASSERT_TRUE(writer.write(pattern(40)));
  EXPECT_TRUE(writer.finish());
}

TEST_P(SlotTest, MayBeBegunAgainAtAnyPoint) {
  const Bytes image = pattern(3000);
  SlotWriter writer(area, buffer);
  for (const std::size_t part : {0U, 1U, 33U, 1024U, 2999U}) {
    ASSERT_TRUE(writer.begin(3000));
    ASSERT_TRUE(writer.write(ByteView(image).first(part)));
  }
  ASSERT_TRUE(writer.begin(3000));
  ASSERT_TRUE(writer.write(image));
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(content(3000), image);
}

TEST_P(SlotTest, T31_WhatDoesNotReadBackIsAnError) {
  const Bytes image = pattern(3000);
  flash.blur_once(4096 + 2222);
  EXPECT_EQ(error_of(burn(image, 500)), Error::kIo);
  EXPECT_TRUE(burn(image, 500));
  flash.wear_out(4096 + 1024);
  EXPECT_EQ(error_of(burn(image, 500)), Error::kFlashWornOut);
}

TEST_P(SlotTest, T30_BurnIsDoneAgainAfterACutAtEveryOperation) {
  const Bytes image = pattern(2500);
  bool was_cut = true;
  for (std::uint64_t cut = 1; was_cut; ++cut) {
    faults.cut_power_at = faults.flash_operations + cut;
    flash.seed(cut);
    was_cut = !burn(image, 333);
    faults.power_on();
    faults.cut_power_at = sim::FaultPlan::kNone;
    ASSERT_TRUE(burn(image, 333)) << "cut at " << cut;
    ASSERT_EQ(content(2500), image) << "cut at " << cut;
  }
}

TEST_P(SlotTest, EnvelopeComesBack) {
  const Area envelope_area = area.part(4096, 4096);
  Bytes room(4096);
  EXPECT_EQ(read_envelope(envelope_area, room).error(), Error::kSlotEmpty);
  for (const std::size_t size : {0U, 1U, 500U, 4096U - 32U}) {
    const Bytes envelope = pattern(size);
    ASSERT_TRUE(write_envelope(envelope_area, envelope));
    const auto found = read_envelope(envelope_area, room);
    ASSERT_TRUE(found);
    EXPECT_TRUE(equal(*found, envelope));
  }
  Bytes small(100);
  EXPECT_EQ(read_envelope(envelope_area, small).error(), Error::kNoSpace);
  EXPECT_EQ(error_of(write_envelope(envelope_area, pattern(4096))), Error::kNoSpace);
  EXPECT_EQ(error_of(write_envelope(Area(), pattern(1))), Error::kNoSpace);
  EXPECT_TRUE(read_envelope(envelope_area, room)) << "a refused one changes nothing";
  ASSERT_TRUE(erase_envelope(envelope_area));
  EXPECT_EQ(read_envelope(envelope_area, room).error(), Error::kSlotEmpty);
}

TEST_P(SlotTest, T31_RottenEnvelopeIsRefused) {
  const Bytes envelope = pattern(300);
  Bytes room(4096);
  ASSERT_TRUE(write_envelope(area, envelope));
  const auto content = flash.content();
  for (std::uint32_t at = 0; at < 12 + 300; ++at) {
    flash.restore(content);
    const std::uint32_t padding = (12 + GetParam() - 1) / GetParam() * GetParam() - 12;
    flash.rot(4096 + (at < 12 ? at : at + padding), 0x08);
    const auto found = read_envelope(area, room);
    ASSERT_FALSE(found) << at;
    EXPECT_TRUE(found.error() == Error::kSlotEmpty || found.error() == Error::kCorrupt ||
                found.error() == Error::kNoSpace);
  }
}

// Whatever the instant: no envelope, or the whole new one; and it can be written again.
TEST_P(SlotTest, T30_EnvelopeIsWholeOrNotThereAfterACutAtEveryOperation) {
  const Bytes old = pattern(300, 1);
  const Bytes fresh = pattern(301, 2);
  Bytes room(8192);
  for (std::uint64_t cut = 1; cut < 300; ++cut) {
    ASSERT_TRUE(write_envelope(area, old));
    faults.cut_power_at = faults.flash_operations + 1 + cut % 15;
    flash.seed(cut);
    const bool written = write_envelope(area, fresh).has_value();
    faults.power_on();
    faults.cut_power_at = sim::FaultPlan::kNone;
    const auto found = read_envelope(area, room);
    if (found) {
      EXPECT_TRUE(equal(*found, fresh) || (equal(*found, old) && !written)) << cut;
    }
    EXPECT_TRUE(found || !written) << cut;
    ASSERT_TRUE(write_envelope(area, fresh));
    EXPECT_TRUE(equal(read_envelope(area, room).value(), fresh));
  }
}

INSTANTIATE_TEST_SUITE_P(Unit, SlotTest, ::testing::Values(1U, 4U, 8U, 16U, 32U));

}  // namespace
}  // namespace ferry
