// Where the bytes of an image run, for images made of segments.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "device/coding/byte_reader.h"
#include "device/delta/instructions.h"
#include "device/delta/memory.h"

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

  // An image of `size` bytes runs at `base`. The stretches are kept in `room`, kMost blocks of the address map.
  Layout(std::span<PackedBlock, kMost> room, std::uint32_t base, std::uint32_t size)
      : room_(room), base_(base), size_(size) {}
  // The stretches behind the first one, from a patch. False where there are too many or their order is not that of the
  // image.
  [[nodiscard]] bool read(coding::ByteReader& patch, std::size_t count);

  // Where in the image `address` is.
  [[nodiscard]] std::optional<std::uint32_t> place_of(std::uint32_t address) const;
  [[nodiscard]] std::uint32_t address_of(std::uint32_t place) const;

 private:
  // The first one, of 0, begins at place 0; those in `room_` follow.
  [[nodiscard]] Stretch stretch(std::uint32_t index) const;

  std::span<PackedBlock, kMost> room_;
  std::uint32_t base_;
  std::uint32_t size_;
  std::uint32_t count_ = 0;  // in `room_`
};

// Those of the old image and of the new one.
class Layouts {
 public:
  static constexpr std::size_t kBlocks = 2 * Layout::kMost;  // of the address map

  Layouts(std::span<PackedBlock> room, const Bases& bases, std::uint32_t old_size)
      : old_image(room.first<Layout::kMost>(), bases.old_image, old_size),
        new_image(room.last<Layout::kMost>(), bases.new_image, kMostBytes) {}

  // What a patch has of them, in front of its code: a byte with the number of the old image's stretches, and in its
  // upper half of the new image's; then those. Returns how many bytes that is, 0 where it is malformed.
  [[nodiscard]] std::uint32_t read(coding::ByteReader& patch);

  Layout old_image;
  Layout new_image;
};

}  // namespace ferry::delta
