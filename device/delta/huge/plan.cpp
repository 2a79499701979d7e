#include "device/delta/huge/plan.h"

#include <algorithm>

namespace ferry::delta::huge {
namespace {

constexpr std::ptrdiff_t kLookBack = 4;  // pieces may overlap in the old image

}  // namespace

void AddressMap::set(std::span<const StoredPiece> pieces) {
  pieces_ = pieces;
  std::size_t count = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].length() > 0) {
      order_[count++] = static_cast<std::uint32_t>(i);
    }
  }
  const auto used = order_.first(count);
  std::ranges::sort(used, [&](std::uint32_t a, std::uint32_t b) {
    return pieces[a].old_start() != pieces[b].old_start() ? pieces[a].old_start() < pieces[b].old_start() : a < b;
  });
  sorted_ = used;
}

AddressMap::Moved AddressMap::move(std::uint32_t place) const {
  if (sorted_.empty()) {
    return {place, false};
  }
  const auto start_of = [this](std::uint32_t index) { return pieces_[index].old_start(); };
  const auto next = std::ranges::upper_bound(sorted_, place, {}, start_of);
  for (auto i = next; i != sorted_.begin() && next - i < kLookBack;) {
    const StoredPiece& piece = pieces_[*--i];
    if (place - piece.old_start() < piece.length()) {
      return {place - piece.old_start() + piece.new_start, true};
    }
  }
  const StoredPiece& near = pieces_[*(next == sorted_.begin() ? next : next - 1)];
  return {place - near.old_start() + near.new_start, false};
}

}  // namespace ferry::delta::huge
