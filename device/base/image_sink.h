// Where an image goes while it is installed: a slot (slots/slot.h) or a Handler.
#pragma once

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry {

// begin, write..., finish. May be abandoned at any point and begun again; nothing is in force before finish().
class ImageSink {
 public:
  // Errors: kImageTooLarge, kIo, kFlashWornOut.
  [[nodiscard]] virtual Status begin(std::uint32_t size) = 0;
  [[nodiscard]] virtual Status write(ByteView bytes) = 0;  // also kImageTooLarge past `size`
  [[nodiscard]] virtual Status finish() = 0;               // all bytes are durable; kWrongState when some are missing

 protected:
  ~ImageSink() = default;  // never deleted through the port
};

}  // namespace ferry
