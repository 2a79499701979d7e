// An image that a decoder makes of any bytes, and what must hold whatever they are.
#pragma once

#include <cstdlib>
#include <optional>
#include <vector>

#include "device/coding/image_decoder.h"
#include "device/coding/in_memory.h"

namespace ferry::fuzz {

using Bytes = std::vector<std::uint8_t>;

inline void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// No place is read that is not there: of an image, or of as much of it as has been written.
class Readable final : public ImageReader {
 public:
  // `there` must outlive it; `size`: what it says it has.
  Readable(const Bytes& there, std::size_t size) : there_(there), size_(static_cast<std::uint32_t>(size)) {}
  [[nodiscard]] std::uint32_t size() const override { return size_; }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override {
    require(offset <= there_.size() && bytes.size() <= there_.size() - offset);
    copy(ByteView(there_).subspan(offset), bytes);
    return ok();
  }

 private:
  const Bytes& there_;
  std::uint32_t size_;
};

// Into `image`, by pieces; false where it was refused. No more bytes than it should be, in bounded work.
inline bool decode(coding::ImageDecoder& decoder, ImageReader& from, ByteView coded, std::uint32_t image_size,
                   std::size_t piece, Bytes& image) {
  coding::BytesInMemory source(coded);
  if (!decoder.begin(from, source, static_cast<std::uint32_t>(coded.size()), image_size)) {
    return false;
  }
  Bytes out(piece);
  for (std::size_t calls = 0;; ++calls) {
    require(calls <= image_size + 1U);
    const auto count = decoder.produce(out);
    if (!count) {
      return false;
    }
    require(*count <= piece);
    if (*count == 0) {
      require(image.size() == image_size);
      return true;
    }
    image.insert(image.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*count));
    require(image.size() <= image_size);
  }
}

}  // namespace ferry::fuzz
