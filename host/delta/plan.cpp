#include "host/delta/plan.h"

#include <algorithm>

#include "host/delta/match.h"
#include "host/delta/modes.h"

namespace ferry::host::delta {
namespace {

constexpr int kRounds = 3;
constexpr std::uint32_t kShortest = 8;  // shorter copies say nothing about where addresses moved

std::vector<Block> copies(const std::vector<Piece>& pieces) {
  std::vector<Block> blocks;
  std::uint32_t at = 0;
  for (const Piece& piece : pieces) {
    at += piece.literals;
    if (piece.length >= kShortest) {
      blocks.push_back({piece.old_start, at, piece.length});
    }
    at += piece.length;
  }
  return blocks;
}

}  // namespace

std::vector<Piece> cut(const Image& old, const Image& fresh, Mode mode, std::uint32_t least_gain) {
  if (mode == Mode::kPlain) {
    return match(old.bytes, fresh.bytes, least_gain);
  }
  const ModeTools& tools = tools_of(mode);
  std::vector<Piece> pieces = match(tools.mask_addresses(old), tools.mask_addresses(fresh), least_gain);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Block> map = copies(pieces);
    std::ranges::stable_sort(map, {}, &Block::old_start);
    pieces = match(tools.with_targets(old, &map), tools.with_targets(fresh, nullptr), least_gain);
  }
  return pieces;
}

std::vector<Block> longest_copies(const std::vector<Piece>& pieces, std::size_t most) {
  std::vector<Block> blocks = copies(pieces);
  std::ranges::stable_sort(blocks, std::ranges::greater{}, &Block::length);
  blocks.resize(std::min(blocks.size(), most));
  std::ranges::stable_sort(blocks, {}, &Block::old_start);
  return blocks;
}

}  // namespace ferry::host::delta
