// An image that is read in pieces, at any place: a slot, a file.
#pragma once

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry {

class ImageReader {
 public:
  [[nodiscard]] virtual std::uint32_t size() const = 0;
  [[nodiscard]] virtual Status read(std::uint32_t offset, ByteSpan bytes) = 0;  // kOutOfRange, kIo

 protected:
  ~ImageReader() = default;  // never deleted through the port
};

}  // namespace ferry
