#include "host/delta/normalise.h"

#include <algorithm>

namespace ferry::host::delta {

std::optional<std::uint32_t> mapped(std::uint32_t target, const std::vector<Block>* map) {
  if (map == nullptr) {
    return target;
  }
  const auto next = std::ranges::upper_bound(*map, target, {}, &Block::old_start);
  if (next == map->begin()) {
    return std::nullopt;
  }
  const Block& block = *(next - 1);
  if (target - block.old_start >= block.length) {
    return std::nullopt;
  }
  return target - block.old_start + block.new_start;
}

}  // namespace ferry::host::delta
