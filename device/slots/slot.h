// Reading and burning one slot.
#pragma once

#include "device/base/image_sink.h"
#include "device/slots/layout.h"

namespace ferry {

// Burns an image into a slot's image area: erases ahead a sector at a time, collects write units in `buffer`, pads the
// last with 0xff, and reads back what it wrote (kIo where it differs: what was written is what was meant).
// `buffer`: a multiple of the write size; at least 256 bytes; larger is faster.
class SlotWriter : public ImageSink {
 public:
  SlotWriter(Area image, ByteSpan buffer) : area_(image), buffer_(buffer) {}
  [[nodiscard]] Status begin(std::uint32_t size) override;
  [[nodiscard]] Status write(ByteView bytes) override;
  [[nodiscard]] Status finish() override;

 private:
  Area area_;
  ByteSpan buffer_;
};

// The envelope area at the end of a slot of image 0: a small header (magic, length, CRC-32) and the envelope.
// erase first, burn the image, write last: a slot whose envelope reads well was burnt whole.
[[nodiscard]] Status erase_envelope(const Area& area);
[[nodiscard]] Status write_envelope(const Area& area, ByteView envelope);  // kNoSpace where it does not fit
// Copies the envelope into `buffer`. Errors: kSlotEmpty, kCorrupt, kNoSpace, kIo.
[[nodiscard]] Result<ByteView> read_envelope(const Area& area, ByteSpan buffer);

}  // namespace ferry
