// Reading and burning one slot.
#pragma once

#include "device/base/image_sink.h"
#include "device/slots/layout.h"

namespace ferry {

// Burns an image into a slot's image area: erases ahead a sector at a time, pads the last write unit with 0xff, and
// reads back what it wrote (kIo where it differs: what is in flash is what was meant).
// `buffer`: at least one write unit, for pieces that are not whole ones.
class SlotWriter final : public ImageSink {
 public:
  SlotWriter(Area image, ByteSpan buffer) : area_(image), buffer_(buffer) {}
  [[nodiscard]] Status begin(std::uint32_t size) override;
  [[nodiscard]] Status write(ByteView bytes) override;
  [[nodiscard]] Status finish() override;

 private:
  [[nodiscard]] Status program(ByteView units);

  Area area_;
  ByteSpan buffer_;  // collects one write unit where the caller's pieces are not whole ones
  std::uint32_t size_ = 0;
  std::uint32_t taken_ = 0;
  std::uint32_t programmed_ = 0;
  std::uint32_t erased_ = 0;
  std::size_t buffered_ = 0;
};

// The envelope area at the end of a slot of image 0: a small header (magic, length, CRC-32) and the envelope.
// erase first, burn the image, write last: a slot whose envelope reads well was burnt whole.
[[nodiscard]] Status erase_envelope(const Area& area);
[[nodiscard]] Status write_envelope(const Area& area, ByteView envelope);  // kNoSpace where it does not fit
// Copies the envelope into `buffer`. Errors: kSlotEmpty, kCorrupt, kNoSpace, kIo.
[[nodiscard]] Result<ByteView> read_envelope(const Area& area, ByteSpan buffer);

}  // namespace ferry
