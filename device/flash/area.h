// A part of a NorFlash: a run of whole sectors with offsets of its own. Cheap to copy; does not own the flash.
#pragma once

#include "device/flash/nor_flash.h"

namespace ferry {

class Area {
 public:
  Area() = default;
  // `offset` and `size` are multiples of the sector size and inside the flash; an area that is not is empty (size 0).
  Area(NorFlash& flash, std::uint32_t offset, std::uint32_t size);

  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] std::uint32_t sector_size() const;
  [[nodiscard]] std::uint32_t write_size() const;
  // Errors of all three: kOutOfRange where the range leaves the area; else as NorFlash.
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) const;
  [[nodiscard]] Status program(std::uint32_t offset, ByteView bytes) const;
  [[nodiscard]] Status erase_sector(std::uint32_t offset) const;
  // Every sector that overlaps [offset, offset + length).
  [[nodiscard]] Status erase(std::uint32_t offset, std::uint32_t length) const;
  // A part of this area, whole sectors; empty where it does not fit.
  [[nodiscard]] Area part(std::uint32_t offset, std::uint32_t size) const;

 private:
  NorFlash* flash_ = nullptr;
  std::uint32_t offset_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace ferry
