// Where the bytes of an image run, for images made of segments.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "device/coding/byte_reader.h"

namespace ferry::delta {

// From `place` of the image on, its bytes run from `address` on.
struct Stretch {
  std::uint32_t place = 0;
  std::uint32_t address = 0;
  friend bool operator==(const Stretch&, const Stretch&) = default;
};

class Layout {
 public:
  static constexpr std::size_t kMost = 6;          // stretches besides the first one
  static constexpr std::size_t kStretchBytes = 7;  // in a patch: place u24, address u32

  // An image of `size` bytes runs at `base`.
  Layout(std::uint32_t base, std::uint32_t size) : size_(size) { stretches_.front().address = base; }
  // The stretches behind the first one, from a patch. False where there are too many or their order is not that of the
  // image.
  [[nodiscard]] bool read(coding::ByteReader& patch, std::size_t count);

  // Where in the image `address` is.
  [[nodiscard]] std::optional<std::uint32_t> place_of(std::uint32_t address) const;
  [[nodiscard]] std::uint32_t address_of(std::uint32_t place) const;

 private:
  std::uint32_t size_;
  std::uint32_t count_ = 1;
  std::array<Stretch, kMost + 1> stretches_{};  // the first one begins at place 0
};

}  // namespace ferry::delta
