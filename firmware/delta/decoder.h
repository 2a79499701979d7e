// The decoder of deltas and its RAM, in a file of its own: script/size and the console say what it takes.
#pragma once

#include "device/coding/image_decoder.h"

namespace ferry::firmware {

[[nodiscard]] coding::ImageDecoder& delta_decoder();
[[nodiscard]] std::uint32_t delta_decoder_flash();    // bytes of code and tables
[[nodiscard]] std::uint32_t delta_decoder_objects();  // bytes of RAM

}  // namespace ferry::firmware
