// Deltas of images of Xtensa code.
#include "device/delta/xtensa.h"

#include <gtest/gtest.h>

#include "host/delta/encoder.h"
#include "host/delta/segments.h"
#include "host/delta/xtensa_program_test_util.h"

namespace ferry::host::delta {
namespace {

using ferry::delta::kHeaderSize;

constexpr std::uint32_t kFlash = XtensaProgram::kFlash;

// As a ROM loads it: two segments, and code in flash behind them.
Bytes flash_image(const Bytes& ram, const Bytes& code) {
  Bytes image = {0xE9, 2, 0, 0, 0, 0, 0x10, 0x40};
  for (const std::uint32_t address : {0x40100000U, 0x3FFE8000U}) {
    for (const std::uint32_t number : {address, static_cast<std::uint32_t>(ram.size())}) {
      for (unsigned i = 0; i < 4; ++i) {
        image.push_back(static_cast<std::uint8_t>(number >> 8 * i));
      }
    }
    image.insert(image.end(), ram.begin(), ram.end());
  }
  image.resize(0x9000, 0xFF);
  image.insert(image.end(), code.begin(), code.end());
  return image;
}

std::size_t round_trip(const Bytes& old, const Bytes& fresh, const EncodeOptions& options = {}) {
  const Patch patch = make_patch(old, fresh, options);
  EXPECT_EQ(apply_patch(old, patch.bytes, static_cast<std::uint32_t>(fresh.size())), fresh);
  return patch.bytes.size() - kHeaderSize;
}

TEST(DeltaXtensa, CodeThatOnlyMovedCostsNextToNothing) {
  XtensaProgram program(1, 200);
  const Bytes old = program.link();
  program.add_function(100);
  const Bytes fresh = program.link();
  const std::size_t inserted = fresh.size() - old.size();
  EXPECT_LT(round_trip(old, fresh), inserted + 100);
  EXPECT_EQ(make_patch(old, fresh).header.mode, Mode::kXtensa);
  EXPECT_GT(round_trip(old, fresh, {.mode = Mode::kPlain}), 3 * inserted);
}

TEST(DeltaXtensa, SegmentsAreFound) {
  const Bytes image = flash_image(XtensaProgram(2, 3).link(0x40100000), XtensaProgram(3).link(kFlash + 0x9000));
  const std::vector<Stretch> found = espressif_segments(image, kFlash);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0], (Stretch{16, 0x40100000}));
  EXPECT_EQ(found[1].address, 0x3FFE8000U);
  EXPECT_EQ(found[2].address, kFlash + found[2].place);
  EXPECT_TRUE(espressif_segments(Bytes(100), kFlash).empty());
  for (std::size_t size = 0; size < 9000; size += 7) {
    (void)espressif_segments(ByteView(image).first(size), kFlash);  // cut anywhere, it is read in bounds
  }
}

TEST(DeltaXtensa, ImagesOfSegmentsRoundTrip) {
  XtensaProgram program(4);
  const Bytes old = flash_image(XtensaProgram(5, 3).link(0x40100000), program.link(kFlash + 0x9000));
  program.add_function(7);
  const Bytes fresh = flash_image(XtensaProgram(5, 4).link(0x40100000), program.link(kFlash + 0x9000));
  EXPECT_LT(round_trip(old, fresh, {.mode = Mode::kXtensa}), round_trip(old, fresh, {.mode = Mode::kPlain}));
}

}  // namespace
}  // namespace ferry::host::delta
