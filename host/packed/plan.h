// Which units an image is cut into: the cheapest ones, by given prices.
#pragma once

#include "host/packed/matches.h"
#include "host/packed/prices.h"

namespace ferry::host::packed {

using ferry::packed::Unit;
using ferry::packed::UnitKind;

// `half_sizes`: of the halfword at each even place / 2, 2 or 4.
[[nodiscard]] std::vector<Unit> plan(ByteView bytes, const Matches& matches,
                                     const std::vector<std::uint8_t>& half_sizes, const Prices& prices);

}  // namespace ferry::host::packed
