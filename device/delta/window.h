// Bytes of an image at any place, through a small window on it.
#pragma once

#include <array>

#include "device/base/image_reader.h"

namespace ferry::delta {

class Window {
 public:
  // The first `size` bytes of `image`, through `buffer`: 16 bytes or more.
  Window(ImageReader& image, std::uint32_t size, ByteSpan buffer) : image_(&image), buffer_(buffer), size_(size) {}
  // The whole image at once.
  explicit Window(ByteView image) : bytes_(image), size_(static_cast<std::uint32_t>(image.size())) {}

  [[nodiscard]] std::uint32_t size() const { return size_; }
  // The byte there; 0 past the end, and where reading failed: see status().
  [[nodiscard]] std::uint8_t at(std::uint32_t position) {
    const std::uint32_t inside = position - start_;
    return inside < bytes_.size() ? bytes_[inside] : load(position);
  }
  // The four bytes from there on.
  [[nodiscard]] std::array<std::uint8_t, 4> four(std::uint32_t position) {
    const std::uint32_t inside = position - start_;
    if (inside < bytes_.size() && bytes_.size() - inside >= 4) {
      return {bytes_[inside], bytes_[inside + 1], bytes_[inside + 2], bytes_[inside + 3]};
    }
    return {at(position), at(position + 1), at(position + 2), at(position + 3)};
  }
  [[nodiscard]] Status status() const { return status_; }

 private:
  [[nodiscard]] std::uint8_t load(std::uint32_t position);

  ImageReader* image_ = nullptr;
  ByteSpan buffer_;
  ByteView bytes_;
  std::uint32_t start_ = 0;
  std::uint32_t size_;
  Status status_ = ok();
};

}  // namespace ferry::delta
