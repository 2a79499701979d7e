// Packed images.
#include "firmware/decode/decoders.h"
#include "firmware/packed/decoder.h"

namespace ferry::firmware {

Chosen decoder_of(payload::Kind kind) {
  return kind == payload::Kind::kPacked ? Chosen{&packed_decoder(), packed_decoder_objects()} : Chosen{};
}

}  // namespace ferry::firmware
