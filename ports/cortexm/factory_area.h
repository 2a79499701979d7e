// The factory parameters in flash that is read in place.
#pragma once

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry::cortexm {

// The area at `address`, as `ferry flash` writes it: the length, 4 bytes little-endian, and the factory file, which has
// a check of its own. Errors: kNotFound (erased).
[[nodiscard]] inline Result<ByteView> factory_bytes(std::uint32_t address, std::uint32_t area_size) {
  const ByteView area(reinterpret_cast<const std::uint8_t*>(address), area_size);
  const std::uint32_t size = load_le32(area);
  if (size == 0 || size > area_size - 4) {
    return fail(Error::kNotFound);
  }
  return area.subspan(4, size);
}

}  // namespace ferry::cortexm
