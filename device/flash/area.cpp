#include "device/flash/area.h"

namespace ferry {
namespace {

bool is_inside(std::uint32_t offset, std::size_t length, std::uint32_t size) {
  return offset <= size && length <= size - offset;
}

}  // namespace

Area::Area(NorFlash& flash, std::uint32_t offset, std::uint32_t size) {
  const FlashGeometry geometry = flash.geometry();
  const bool whole = geometry.sector_size > 0 && offset % geometry.sector_size == 0 && size % geometry.sector_size == 0;
  if (whole && is_inside(offset, size, geometry.size)) {
    flash_ = &flash;
    offset_ = offset;
    size_ = size;
  }
}

std::uint32_t Area::sector_size() const {
  return flash_ != nullptr ? flash_->geometry().sector_size : 0;
}

std::uint32_t Area::write_size() const {
  return flash_ != nullptr ? flash_->geometry().write_size : 0;
}

Status Area::read(std::uint32_t offset, ByteSpan bytes) const {
  if (!is_inside(offset, bytes.size(), size_)) {
    return fail(Error::kOutOfRange);
  }
  return bytes.empty() ? ok() : flash_->read(offset_ + offset, bytes);
}

Status Area::program(std::uint32_t offset, ByteView bytes) const {
  if (!is_inside(offset, bytes.size(), size_)) {
    return fail(Error::kOutOfRange);
  }
  return bytes.empty() ? ok() : flash_->program(offset_ + offset, bytes);
}

Status Area::erase_sector(std::uint32_t offset) const {
  if (size_ == 0 || offset >= size_) {
    return fail(Error::kOutOfRange);
  }
  return flash_->erase(offset_ + offset);
}

Status Area::erase(std::uint32_t offset, std::uint32_t length) const {
  if (!is_inside(offset, length, size_)) {
    return fail(Error::kOutOfRange);
  }
  if (length == 0) {
    return ok();
  }
  const std::uint32_t sector = sector_size();
  for (std::uint32_t at = offset - offset % sector; at < offset + length; at += sector) {
    FERRY_TRY(erase_sector(at));
  }
  return ok();
}

Area Area::part(std::uint32_t offset, std::uint32_t size) const {
  if (flash_ == nullptr || !is_inside(offset, size, size_)) {
    return {};
  }
  return {*flash_, offset_ + offset, size};
}

}  // namespace ferry
