#include "firmware/delta/decoder.h"

#include "device/delta/decoder.h"

extern "C" std::uint8_t linker_delta[], linker_delta_end[];

namespace ferry::firmware {
namespace {

delta::Decoder<> decoder;

}  // namespace

coding::ImageDecoder& delta_decoder() {
  return decoder.image_decoder();
}

std::uint32_t delta_decoder_flash() {
  return static_cast<std::uint32_t>(linker_delta_end - linker_delta);
}

std::uint32_t delta_decoder_objects() {
  return sizeof decoder;
}

}  // namespace ferry::firmware
