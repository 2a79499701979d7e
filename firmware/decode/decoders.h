// The decoders of a program that decodes: each program has one of the files beside this one.
#pragma once

#include "device/coding/image_decoder.h"
#include "device/payload/container.h"

namespace ferry::firmware {

struct Chosen {
  coding::ImageDecoder* decoder = nullptr;  // null: the program has none for this kind
  std::uint32_t objects = 0;                // bytes of its RAM
};

// Good until the next call.
[[nodiscard]] Chosen decoder_of(payload::Kind kind);

}  // namespace ferry::firmware
