// Images with their addresses made comparable, so that code that only moved matches itself.
#pragma once

#include <vector>

#include "device/delta/codec.h"
#include "host/bytes.h"

namespace ferry::host::delta {

using ferry::delta::Block;

// Addresses masked out: of branches, of words that point into the image at `base`, of words that point into RAM.
[[nodiscard]] Bytes mask_addresses(ByteView image, std::uint32_t base);
// Branches hold their targets, and words that point into the image their place in it. With `map` (by old start): as
// what they are in the new image; what the map does not know is masked out.
[[nodiscard]] Bytes with_targets(ByteView image, std::uint32_t base, const std::vector<Block>* map);
// Where the image seems to run: the base for which most of its words point at the first instruction of a function.
[[nodiscard]] std::uint32_t guess_base(ByteView image);

}  // namespace ferry::host::delta
