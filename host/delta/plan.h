// How a new image is cut into literals and copies of the old one, and which copies the address map names.
#pragma once

#include <vector>

#include "device/delta/codec.h"
#include "host/delta/normalise.h"

namespace ferry::host::delta {

using ferry::delta::Mode;
using ferry::delta::Piece;

// Pieces that make up the whole of `fresh`, found on images whose addresses are made comparable. `least_gain` as in
// match().
[[nodiscard]] std::vector<Piece> cut(const Image& old, const Image& fresh, Mode mode, std::uint32_t least_gain);

// The longest copies, `most` of them at most, in the order of the old image.
[[nodiscard]] std::vector<Block> longest_copies(const std::vector<Piece>& pieces, std::size_t most);

}  // namespace ferry::host::delta
