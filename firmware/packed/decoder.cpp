#include "firmware/packed/decoder.h"

#include "device/packed/decoder.h"

namespace ferry::firmware {
namespace {

packed::Decoder decoder;

}  // namespace

coding::ImageDecoder& packed_decoder() {
  return decoder.image_decoder();
}

std::uint32_t packed_decoder_objects() {
  return sizeof decoder;
}

}  // namespace ferry::firmware
