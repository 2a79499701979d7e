// Deltas, as the meter decodes them.
#include "firmware/decode/decoders.h"
#include "firmware/delta/decoder.h"

namespace ferry::firmware {

Chosen decoder_of(payload::Kind kind) {
  return kind == payload::Kind::kDelta ? Chosen{&delta_decoder(), delta_decoder_objects()} : Chosen{};
}

}  // namespace ferry::firmware
