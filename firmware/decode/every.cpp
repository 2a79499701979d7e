// Everything that a microcontroller may have to decode: packed images, and deltas of all modes, made for up to 20 KiB.
#include <variant>

#include "device/delta/decoder.h"
#include "device/delta/riscv.h"
#include "device/delta/xtensa.h"
#include "device/packed/decoder.h"
#include "firmware/decode/decoders.h"

namespace ferry::firmware {
namespace {

using Sets = delta::SetsOf<delta::Thumb2, delta::Xtensa, delta::RiscV>;
using DeltaDecoder = delta::Decoder<delta::MemoryClass::kLarge, Sets>;

std::variant<std::monostate, DeltaDecoder, packed::Decoder> decoder;  // one at a time

}  // namespace

Chosen decoder_of(payload::Kind kind) {
  switch (kind) {
    case payload::Kind::kDelta:
      return {&decoder.emplace<DeltaDecoder>().image_decoder(), sizeof(DeltaDecoder)};
    case payload::Kind::kPacked:
      return {&decoder.emplace<packed::Decoder>().image_decoder(), sizeof(packed::Decoder)};
    default:
      return {};
  }
}

}  // namespace ferry::firmware
