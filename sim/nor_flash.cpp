#include "sim/nor_flash.h"

#include <algorithm>

namespace ferry::sim {
namespace {

constexpr std::uint8_t kErased = 0xFF;

}  // namespace

NorFlash::NorFlash(FlashGeometry geometry, FaultPlan& faults)
    : geometry_(geometry), faults_(faults), random_(static_cast<std::mt19937::result_type>(faults.seed)) {
  content_.bytes.assign(geometry.size, kErased);
  content_.programmed.assign(geometry.size / geometry.write_size, false);
}

bool NorFlash::inside(std::uint32_t offset, std::size_t size) const {
  return offset <= geometry_.size && size <= geometry_.size - offset;
}

Status NorFlash::read(std::uint32_t offset, ByteSpan bytes) {
  if (!inside(offset, bytes.size())) {
    return fail(Error::kOutOfRange);
  }
  if (faults_.power_is_off) {
    return fail(Error::kIo);
  }
  copy(ByteView(content_.bytes).subspan(offset, bytes.size()), bytes);
  const auto last = content_.unstable.lower_bound(offset + static_cast<std::uint32_t>(bytes.size()));
  for (auto it = content_.unstable.lower_bound(offset); it != last; ++it) {
    bytes[*it - offset] = static_cast<std::uint8_t>(bytes[*it - offset] ^ (random() & random() & 0xFFU));
  }
  return ok();
}

Status NorFlash::program(std::uint32_t offset, ByteView bytes) {
  const std::uint32_t unit = geometry_.write_size;
  if (!inside(offset, bytes.size()) || offset % unit != 0 || bytes.size() % unit != 0) {
    return fail(Error::kOutOfRange);
  }
  if (faults_.power_is_off) {
    return fail(Error::kIo);
  }
  const auto first = content_.programmed.begin() + offset / unit;
  const auto last = first + static_cast<std::ptrdiff_t>(bytes.size() / unit);
  if (std::find(first, last, true) != last) {
    return fail(Error::kFlashNotErased);
  }
  if (faults_.flash_operation_fails()) {
    tear_program(offset, bytes);
    return fail(Error::kIo);
  }
  std::fill(first, last, true);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    content_.bytes[offset + i] &= bytes[i];
  }
  return ok();
}

Status NorFlash::erase(std::uint32_t offset) {
  if (!inside(offset, geometry_.sector_size) || offset % geometry_.sector_size != 0) {
    return fail(Error::kOutOfRange);
  }
  if (faults_.power_is_off) {
    return fail(Error::kIo);
  }
  if (faults_.flash_operation_fails()) {
    tear_erase(offset);
    return fail(Error::kIo);
  }
  ++erases_;
  if (worn_out_.contains(offset)) {
    return fail(Error::kFlashWornOut);
  }
  const auto start = content_.bytes.begin() + offset;
  std::fill(start, start + geometry_.sector_size, kErased);
  const std::uint32_t units = geometry_.sector_size / geometry_.write_size;
  const auto programmed = content_.programmed.begin() + offset / geometry_.write_size;
  std::fill(programmed, programmed + units, false);
  content_.unstable.erase(content_.unstable.lower_bound(offset),
                          content_.unstable.lower_bound(offset + geometry_.sector_size));
  return ok();
}

// Some units got all of their bits, some a part, some none; in what order is the part's own affair.
void NorFlash::tear_program(std::uint32_t offset, ByteView bytes) {
  const std::uint32_t unit = geometry_.write_size;
  for (std::uint32_t at = 0; at < bytes.size(); at += unit) {
    const std::uint32_t fate = random() % 4;
    if (fate == 0) {
      continue;  // untouched, and still erased
    }
    content_.programmed[(offset + at) / unit] = true;
    for (std::uint32_t i = at; i < at + unit; ++i) {
      const auto left_alone = static_cast<std::uint8_t>(fate == 1 ? random() : 0);
      content_.bytes[offset + i] &= static_cast<std::uint8_t>(bytes[i] | left_alone);
      if (fate == 2 && random() % 4 == 0) {
        content_.unstable.insert(offset + i);
      }
    }
  }
}

// From nothing at all to done but for unstable bits.
void NorFlash::tear_erase(std::uint32_t offset) {
  const std::uint32_t fate = random() % 4;
  if (fate == 0) {
    return;
  }
  for (std::uint32_t at = offset; at < offset + geometry_.sector_size; ++at) {
    if (fate == 1 || random() % 2 == 0) {
      content_.bytes[at] |= static_cast<std::uint8_t>(fate == 3 ? kErased : random());
    }
    if (random() % 8 == 0) {
      content_.unstable.insert(at);
    }
  }
}

}  // namespace ferry::sim
