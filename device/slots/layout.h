// Where everything is in flash. The port fills it in; spec/flash.md draws it.
//
// A release may consist of several images. Image 0 is the application; each image has two slots, A and B. A slot of
// image 0 ends in an envelope area that keeps the manifest under which the whole release was burnt.
#pragma once

#include <array>

#include "device/flash/area.h"

namespace ferry {

inline constexpr std::size_t kMaxImages = 4;    // components in flash
inline constexpr std::size_t kMaxHandlers = 4;  // components that a Handler takes

enum class SlotId : std::uint8_t { kA = 0, kB = 1 };
[[nodiscard]] constexpr SlotId other(SlotId slot) {
  return slot == SlotId::kA ? SlotId::kB : SlotId::kA;
}

// One slot for each image; bit i is image i's. What is in force together is one SlotSet.
class SlotSet {
 public:
  constexpr SlotSet() = default;
  constexpr explicit SlotSet(std::uint8_t bits) : bits_(bits) {}
  [[nodiscard]] constexpr SlotId slot(std::size_t image) const {
    return ((bits_ >> image) & 1U) != 0 ? SlotId::kB : SlotId::kA;
  }
  [[nodiscard]] constexpr SlotSet with_flipped(std::size_t image) const {
    return SlotSet(static_cast<std::uint8_t>(bits_ ^ (1U << image)));
  }
  [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }
  friend constexpr bool operator==(SlotSet, SlotSet) = default;

 private:
  std::uint8_t bits_ = 0;
};

struct ImageLayout {
  std::array<Area, 2> image;     // by SlotId; the bytes that run or are used
  std::array<Area, 2> envelope;  // by SlotId; image 0 only, else empty
};

struct Layout {
  Area journal;
  Area staging;
  std::array<ImageLayout, kMaxImages> images;
  std::size_t image_count = 1;
};

}  // namespace ferry
