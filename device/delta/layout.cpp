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
    if (place < stretches_[count_ - 1].place) {
      return false;
    }
    stretches_[count_++] = {place, read_number(patch, 32)};
  }
  return true;
}

std::optional<std::uint32_t> Layout::place_of(std::uint32_t address) const {
  std::uint32_t end = size_;
  for (std::uint32_t i = count_; i-- > 0;) {
    const Stretch& stretch = stretches_[i];
    const std::uint32_t inside = address - stretch.address;
    if (stretch.place < end && inside < end - stretch.place) {
      return stretch.place + inside;
    }
    end = stretch.place;
  }
  return std::nullopt;
}

std::uint32_t Layout::address_of(std::uint32_t place) const {
  std::uint32_t i = count_ - 1;
  while (stretches_[i].place > place) {
    --i;
  }
  return stretches_[i].address + (place - stretches_[i].place);
}

}  // namespace ferry::delta
