#include "host/delta/segments.h"

#include <algorithm>

namespace ferry::host::delta {
namespace {

constexpr std::uint8_t kMagic = 0xE9;
constexpr std::uint32_t kFlash = 0x40200000;  // where an ESP8266 sees its flash
constexpr std::size_t kMost = ferry::delta::Layout::kMost;

// The segments of a header of `header_size` bytes; nothing where they do not fit into the image.
std::vector<Stretch> segments(ByteView image, std::size_t header_size, std::uint32_t flash) {
  std::vector<Stretch> found;
  std::size_t at = header_size;
  for (unsigned i = 0; i < image[1]; ++i) {
    if (at + 8 > image.size()) {
      return {};
    }
    const std::uint32_t address = load_le32(image.subspan(at, 4));
    const std::uint32_t size = load_le32(image.subspan(at + 4, 4));
    at += 8;
    if (size > image.size() - at) {
      return {};
    }
    found.push_back({static_cast<std::uint32_t>(at), address});
    at += size;
  }
  if (at < image.size()) {
    found.push_back({static_cast<std::uint32_t>(at), flash + static_cast<std::uint32_t>(at)});
  }
  return found.size() <= kMost ? found : std::vector<Stretch>();
}

// How many words of the image point at the beginning of a function, if it runs at `base`.
std::size_t functions(ByteView image, std::uint32_t base) {
  std::size_t count = 0;
  for (std::size_t at = 0; at + 4 <= image.size(); at += 4) {
    const std::uint32_t inside = load_le32(image.subspan(at, 4)) - base;
    if (inside % 4 == 0 && inside < image.size() - 3) {
      const std::uint32_t code = load_le32(image.subspan(inside, 4));
      // ADDI a1, a1, -n, or ENTRY a1, n
      count += (code & 0xFFFFU) == 0xC112U || (code & 0xFFFU) == 0x136U ? 1 : 0;
    }
  }
  return count;
}

}  // namespace

std::vector<Stretch> espressif_segments(ByteView image, std::uint32_t flash) {
  if (image.size() < 32 || image[0] != kMagic || image[1] == 0 || image[1] > 16) {
    return {};
  }
  constexpr std::size_t kShort = 8;  // of ESP8266
  constexpr std::size_t kLong = 24;
  std::vector<Stretch> found = segments(image, kShort, flash);
  return found.empty() ? segments(image, kLong, flash) : found;
}

Image guess_xtensa(ByteView image) {
  if (auto found = espressif_segments(image, kFlash); !found.empty()) {
    return {.bytes = image, .base = kFlash, .stretches = std::move(found)};
  }
  std::uint32_t best = kFlash;
  std::size_t most = 0;
  const auto try_base = [&](std::uint32_t base) {
    if (const std::size_t count = functions(image, base); count > most) {
      most = count;
      best = base;
    }
  };
  for (std::uint32_t i = 0; i < 64; ++i) {
    try_base(kFlash + i * 0x1000);
    try_base(0x400D0000 + i * 0x10000);
    try_base(0x400D0020 + i * 0x10000);
  }
  return {.bytes = image, .base = best};
}

}  // namespace ferry::host::delta
