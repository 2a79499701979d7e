// Images whose addresses are made comparable, so that code that only moved matches itself: as host/delta/normalise.h,
// for AArch64.
#pragma once

#include <vector>

#include "device/delta/huge/guesser.h"
#include "host/bytes.h"

namespace ferry::host::delta::huge {

using ferry::delta::huge::AddressMap;
using ferry::delta::huge::Bases;

// What the pointers of an image have in common. `upper_half` is 0 where it has none.
[[nodiscard]] Bases guess_bases(ByteView old, ByteView fresh);

// Every address is masked out.
[[nodiscard]] Bytes mask_addresses(ByteView image, std::uint32_t base, std::uint32_t upper_half);
// Every address is as seen from everywhere; with `map`, as what it is in the new image. `other_base`: of that one.
[[nodiscard]] Bytes with_targets(ByteView image, std::uint32_t base, std::uint32_t upper_half, const AddressMap* map);

}  // namespace ferry::host::delta::huge
