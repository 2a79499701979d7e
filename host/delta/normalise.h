// Images with their addresses made comparable, so that code that only moved matches itself. Each mode has its own
// (modes.h):
//   mask_addresses: addresses masked out, of branches, of words that point into the image at `base`, of words that
//     point into RAM.
//   with_targets: branches hold their targets, and words that point into the image their place in it. With `map` (by
//     old start): as what they are in the new image; what the map does not know is masked out.
//   guess_base: where the image seems to run.
#pragma once

#include <optional>
#include <vector>

#include "device/delta/codec.h"
#include "host/bytes.h"

namespace ferry::host::delta {

using ferry::delta::Block;

// Where `target` went, by `map`; `target` itself where there is none; nothing where the map does not know.
[[nodiscard]] std::optional<std::uint32_t> mapped(std::uint32_t target, const std::vector<Block>* map);

namespace thumb2 {
[[nodiscard]] Bytes mask_addresses(ByteView image, std::uint32_t base);
[[nodiscard]] Bytes with_targets(ByteView image, std::uint32_t base, const std::vector<Block>* map);
// The base for which most of the image's words point at the first instruction of a function.
[[nodiscard]] std::uint32_t guess_base(ByteView image);
}  // namespace thumb2

}  // namespace ferry::host::delta
