#include "device/delta/memory.h"

namespace ferry::delta {

void PackedBlock::set(const Block& block) {
  std::size_t at = 0;
  for (const std::uint32_t number : {block.old_start, block.new_start, block.length}) {
    for (unsigned shift = 0; shift < 24; shift += 8) {
      bytes_[at++] = static_cast<std::uint8_t>(number >> shift);
    }
  }
}

Tables Tables::first(const Capacity& capacity) const {
  const std::size_t flag_count = kFixedFlags + (std::size_t{2} << capacity.flag_bits);
  Tables part = *this;
  part.bytes = {bytes.data(), kByteContexts << capacity.byte_bits};
  part.flags = {flags.data(), flag_count};
  part.flag_ages = {flag_ages.data(), flag_count};
  part.cache_tags = {cache_tags.data(), capacity.cache};
  part.cache_shifts = {cache_shifts.data(), capacity.cache};
  part.map = {map.data(), capacity.map};
  return part;
}

}  // namespace ferry::delta
