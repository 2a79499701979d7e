#include "host/packed/converted.h"

#include "device/packed/history.h"

namespace ferry::host::packed {
namespace {

std::uint32_t half(const Bytes& bytes, std::size_t at) {
  return bytes[at] | static_cast<std::uint32_t>(bytes[at + 1]) << 8U;
}

void set_half(Bytes& bytes, std::size_t at, std::uint32_t half) {
  bytes[at] = static_cast<std::uint8_t>(half);
  bytes[at + 1] = static_cast<std::uint8_t>(half >> 8U);
}

}  // namespace

Bytes converted(ByteView image, bool branches) {
  Bytes bytes(image.begin(), image.end());
  for (std::size_t at = 0; branches && at + 4 <= bytes.size(); at += 2) {
    const ferry::packed::Branch branch{half(bytes, at), half(bytes, at + 2)};
    if (branch.is_one()) {
      const auto moved = branch.moved(ferry::packed::distance_of(static_cast<std::uint32_t>(at)));
      set_half(bytes, at, moved.first);
      set_half(bytes, at + 2, moved.second);
      at += 2;
    }
  }
  return bytes;
}

}  // namespace ferry::host::packed
