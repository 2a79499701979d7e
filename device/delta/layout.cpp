#include "device/delta/layout.h"

namespace ferry::delta {
namespace {

std::uint32_t read_number(coding::ByteReader& patch, unsigned bits) {
  std::uint32_t number = 0;
  for (unsigned shift = 0; shift < bits; shift += 8) {
    number |= static_cast<std::uint32_t>(patch.next()) << shift;
  }
  return number;
}

}  // namespace

bool Layout::read(coding::ByteReader& patch, std::size_t count) {
  if (count > kMost) {
    return false;
  }
  for (; count > 0; --count) {
    const std::uint32_t place = read_number(patch, 24);
    if (place < stretch(count_).place) {
      return false;
    }
    const std::uint32_t lower = read_number(patch, 16);
    room_[count_++].set({.old_start = place, .new_start = read_number(patch, 16), .length = lower});
  }
  return true;
}

Stretch Layout::stretch(std::uint32_t index) const {
  if (index == 0) {
    return {.place = 0, .address = base_};
  }
  const Block block = room_[index - 1].get();
  return {.place = block.old_start, .address = block.new_start << 16U | block.length};
}

std::optional<std::uint32_t> Layout::place_of(std::uint32_t address) const {
  std::uint32_t end = size_;
  for (std::uint32_t i = count_ + 1; i-- > 0;) {
    const Stretch part = stretch(i);
    const std::uint32_t inside = address - part.address;
    if (part.place < end && inside < end - part.place) {
      return part.place + inside;
    }
    end = part.place;
  }
  return std::nullopt;
}

std::uint32_t Layout::address_of(std::uint32_t place) const {
  std::uint32_t i = count_;
  while (stretch(i).place > place) {
    --i;
  }
  const Stretch part = stretch(i);
  return part.address + (place - part.place);
}

std::uint32_t Layouts::read(coding::ByteReader& patch) {
  const std::uint32_t counts = patch.next();
  const std::uint32_t old_count = counts & 0xFU;
  const std::uint32_t new_count = counts >> 4U;
  const bool good = old_image.read(patch, old_count) && new_image.read(patch, new_count);
  return good ? 1 + (old_count + new_count) * static_cast<std::uint32_t>(Layout::kStretchBytes) : 0;
}

}  // namespace ferry::delta
