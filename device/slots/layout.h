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

// How large the parts are, in bytes; whole sectors each.
struct LayoutPlan {
  std::uint32_t slot_size = 0;  // of the application's slots, envelope area included
  std::uint32_t staging_size = 0;
  std::uint32_t second_size = 0;  // of each further image's slots
  std::size_t image_count = 1;
};

struct Layout {
  Area journal;
  Area staging;
  std::array<ImageLayout, kMaxImages> images;
  std::size_t image_count = 1;

  // The order that Ferry's own ports use, from offset 0: journal (kJournalSectors), slot A, slot B, slots A and B of
  // each further image, staging. Errors: kInvalidArgument (a part is not whole sectors, or too many images), kNoSpace
  // (they do not fit into the flash).
  static constexpr std::uint32_t kJournalSectors = 4;
  static constexpr std::uint32_t kEnvelopeSize = 8192;  // at the end of each slot of image 0, rounded up to sectors
  [[nodiscard]] static Result<Layout> make(NorFlash& flash, const LayoutPlan& plan);
  // What `plan` needs of a flash with this sector size.
  [[nodiscard]] static std::uint64_t bytes_needed(const LayoutPlan& plan, std::uint32_t sector_size);
};

}  // namespace ferry
