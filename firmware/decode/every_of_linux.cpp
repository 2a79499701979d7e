// Everything that there is to decode: deltas of Linux images too, with 8 MiB of RAM.
#include "device/delta/huge/decoder.h"
#include "device/delta/riscv.h"
#include "device/delta/xtensa.h"
#include "device/packed/decoder.h"
#include "firmware/decode/decoders.h"

namespace ferry::firmware {
namespace {

using Sets = delta::SetsOf<delta::Thumb2, delta::Xtensa, delta::RiscV>;

delta::huge::EveryDecoder<delta::Decoder<delta::MemoryClass::kLarge, Sets>> delta_decoder;
packed::Decoder packed_decoder;

}  // namespace

Chosen decoder_of(payload::Kind kind) {
  switch (kind) {
    case payload::Kind::kDelta:
      return {&delta_decoder.image_decoder(), sizeof delta_decoder};
    case payload::Kind::kPacked:
      return {&packed_decoder.image_decoder(), sizeof packed_decoder};
    default:
      return {};
  }
}

}  // namespace ferry::firmware
