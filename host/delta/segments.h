// Images made of segments, as the ROMs of Espressif's chips load them.
#pragma once

#include "host/delta/normalise.h"

namespace ferry::host::delta {

// Where the segments that the image's header names run, and what lies behind them in flash at `flash`; nothing where
// there is no such header.
[[nodiscard]] std::vector<Stretch> espressif_segments(ByteView image, std::uint32_t flash);

[[nodiscard]] Image guess_xtensa(ByteView image);
[[nodiscard]] Image guess_riscv(ByteView image);

}  // namespace ferry::host::delta
