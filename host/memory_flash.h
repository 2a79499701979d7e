// A copy of a flash image in memory, to look into it without touching the original.
#pragma once

#include <algorithm>

#include "device/flash/nor_flash.h"
#include "host/bytes.h"

namespace ferry::host {

class MemoryFlash final : public NorFlash {
 public:
  MemoryFlash(ByteView image, std::uint32_t sector_size, std::uint32_t write_size)
      : bytes_(to_bytes(image)), sector_size_(sector_size), write_size_(write_size) {}

  [[nodiscard]] FlashGeometry geometry() const override {
    return {.size = static_cast<std::uint32_t>(bytes_.size()), .sector_size = sector_size_, .write_size = write_size_};
  }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override {
    if (!inside(offset, bytes.size())) {
      return fail(Error::kOutOfRange);
    }
    copy(ByteView(bytes_).subspan(offset), bytes);
    return ok();
  }
  [[nodiscard]] Status program(std::uint32_t offset, ByteView bytes) override {
    if (!inside(offset, bytes.size())) {
      return fail(Error::kOutOfRange);
    }
    std::transform(bytes.begin(), bytes.end(), bytes_.begin() + offset, bytes_.begin() + offset,
                   [](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(a & b); });
    return ok();
  }
  [[nodiscard]] Status erase(std::uint32_t offset) override {
    if (!inside(offset, sector_size_)) {
      return fail(Error::kOutOfRange);
    }
    std::fill_n(bytes_.begin() + offset, sector_size_, std::uint8_t{0xFF});
    return ok();
  }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }

 private:
  [[nodiscard]] bool inside(std::uint32_t offset, std::size_t size) const {
    return offset <= bytes_.size() && size <= bytes_.size() - offset;
  }

  Bytes bytes_;
  std::uint32_t sector_size_;
  std::uint32_t write_size_;
};

}  // namespace ferry::host
