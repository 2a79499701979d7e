// The decoder of deltas and its RAM, in a file of its own: script/size and the console say what it takes.
#pragma once

#include "device/delta/patcher.h"

namespace ferry::firmware {

[[nodiscard]] delta::Patcher& delta_decoder();
[[nodiscard]] std::uint32_t delta_decoder_flash();    // bytes of code and tables
[[nodiscard]] std::uint32_t delta_decoder_objects();  // bytes of RAM

}  // namespace ferry::firmware
