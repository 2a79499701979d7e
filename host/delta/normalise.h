// Images with their addresses made comparable, so that code that only moved matches itself. Each mode has its own way
// (modes.h).
#pragma once

#include <optional>
#include <vector>

#include "device/delta/codec.h"
#include "device/delta/layout.h"
#include "host/bytes.h"

namespace ferry::host::delta {

using ferry::delta::Block;
using ferry::delta::Stretch;

// An image, and where it runs: at `base`, and from each of `stretches` on elsewhere.
struct Image {
  ByteView bytes;
  std::uint32_t base = 0;
  std::vector<Stretch> stretches = {};
};

// Where `target` went, by `map` (in the order of the old image); `target` itself where there is none; nothing where the
// map does not know.
[[nodiscard]] std::optional<std::uint32_t> mapped(std::uint32_t target, const std::vector<Block>* map);

// Of an image in any mode: every step of its instructions with the operand left out; with `map`, or without one, every
// operand as a place in the new image, left out where the map does not know it.
[[nodiscard]] Bytes mask_operands(ferry::delta::Instructions& instructions, ByteView image);
[[nodiscard]] Bytes with_places(ferry::delta::Instructions& instructions, ByteView image,
                                const std::vector<Block>* map);

namespace thumb2 {
// Addresses masked out: of branches, of words that point into the image, of words that point into RAM.
[[nodiscard]] Bytes mask_addresses(const Image& image);
// Branches hold their targets, and words that point into the image their place in it. With `map`: as what they are in
// the new image; what the map does not know is masked out.
[[nodiscard]] Bytes with_targets(const Image& image, const std::vector<Block>* map);
// The base for which most of the image's words point at the first instruction of a function.
[[nodiscard]] Image guess(ByteView image);
}  // namespace thumb2

}  // namespace ferry::host::delta
