// What has been made of an image so far, at any place: the last bytes from memory, the others from where they were
// written to.
//
// Places of calls and far jumps (BL, B.W) stand in them as seen from the beginning of the image, so that two calls of
// one function are the same bytes: spec/payload.md, "Packed".
#pragma once

#include <array>

#include "device/base/image_reader.h"

namespace ferry::packed {

inline constexpr std::uint32_t kRecent = 256;  // bytes in memory; a power of two
// Bytes that may not have been written to the image when they are needed: whoever writes may hold back less.
inline constexpr std::uint32_t kHeldBack = 160;

// A branch of four bytes: BL or B.W.
struct Branch {
  std::uint32_t first;  // its halfwords
  std::uint32_t second;
  [[nodiscard]] bool is_one() const {
    return (first & 0xF800U) == 0xF000U && ((second & 0xF800U) == 0xF800U || (second & 0xF800U) == 0xB800U);
  }
  // The same one with `halfwords` more in its operand.
  [[nodiscard]] Branch moved(std::uint32_t halfwords) const {
    const std::uint32_t place = ((first & 0x7FFU) << 11U | (second & 0x7FFU)) + halfwords;
    return {(first & 0xF800U) | (place >> 11U & 0x7FFU), (second & 0xF800U) | (place & 0x7FFU)};
  }
};

// What has to be added to an operand at `place` to make it count from the image's beginning.
[[nodiscard]] constexpr std::uint32_t distance_of(std::uint32_t place) {
  return (place + 4) / 2;
}

class History {
 public:
  // Through `image` the device reads what it has written; `branches`: whether they are converted.
  History(ImageReader& image, bool branches) : image_(&image), branches_(branches) {}
  // Of the encoder: a whole image, converted already.
  explicit History(ByteView converted) : whole_(converted), branches_(false) {}

  // The converted byte there: `position` < size().
  [[nodiscard]] std::uint8_t at(std::uint32_t position) {
    if (!whole_.empty()) {
      return whole_[position];
    }
    return size_ - position <= kRecent - 4 ? recent_[position % kRecent] : written(position);
  }
  [[nodiscard]] std::uint32_t size() const { return size_; }
  void append(std::uint8_t byte) { recent_[size_++ % kRecent] = byte; }

  // The image's bytes that have not been taken yet, as many as are certain and `out` takes, 4 or more.
  [[nodiscard]] std::size_t take(ByteSpan out, std::uint32_t image_size);
  [[nodiscard]] std::uint32_t taken() const { return taken_; }
  [[nodiscard]] Status status() const { return status_; }

 private:
  // Pieces of what was written, two of them: one that is copied from, and one for what is expected.
  struct Window {
    std::uint32_t start = 0;
    std::uint32_t size = 0;
    std::array<std::uint8_t, 48> bytes{};
  };

  [[nodiscard]] std::uint8_t written(std::uint32_t position);
  [[nodiscard]] std::uint32_t half(const Window& window, std::uint32_t position) const;
  [[nodiscard]] const Window& window_for(std::uint32_t from, std::uint32_t to);
  [[nodiscard]] std::uint32_t recent_half(std::uint32_t position) const;

  ImageReader* image_ = nullptr;
  ByteView whole_;
  bool branches_;
  std::uint8_t older_ = 0;  // of the windows
  std::uint32_t size_ = 0;
  std::uint32_t taken_ = 0;
  Status status_ = ok();
  std::array<Window, 2> windows_;
  std::array<std::uint8_t, kRecent> recent_{};
};

}  // namespace ferry::packed
