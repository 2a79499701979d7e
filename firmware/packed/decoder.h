// The decoder of packed images and its RAM, in a file of its own: script/size says what it takes.
#pragma once

#include "device/coding/image_decoder.h"

namespace ferry::firmware {

[[nodiscard]] coding::ImageDecoder& packed_decoder();
[[nodiscard]] std::uint32_t packed_decoder_objects();  // bytes of RAM

}  // namespace ferry::firmware
