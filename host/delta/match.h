// Which parts of a new image stand in an old one, about: the copies may differ in single bytes (bsdiff, Percival 2003).
#pragma once

#include <vector>

#include "device/delta/codec.h"
#include "host/bytes.h"

namespace ferry::host::delta {

using ferry::delta::Piece;

// Pieces that make up the whole of `fresh`. `least_gain`: a copy begins where it matches so many bytes more than going
// on with the one before; small values give more and shorter copies.
[[nodiscard]] std::vector<Piece> match(ByteView old, ByteView fresh, std::uint32_t least_gain);

}  // namespace ferry::host::delta
