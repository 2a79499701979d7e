// Any bytes as a patch over a fixed old image: two of the size of the new image (little-endian), then the patch. The
// decoder reads no place outside of the old image, makes no more bytes than it should, works in bounds, and answers the
// same whatever the size of the pieces that it is asked for.
#include "device/delta/huge/decoder.h"
#include "device/delta/riscv.h"
#include "device/delta/xtensa.h"
#include "fuzz/decoder_check.h"
#include "host/delta/program_test_util.h"

namespace {

using namespace ferry;  // NOLINT: a program of one file

// The new image; nothing where the patch was refused.
std::optional<fuzz::Bytes> decode(coding::ImageDecoder& decoder, ByteView patch, std::uint32_t image_size,
                                  std::size_t piece) {
  static const fuzz::Bytes old = host::delta::Program(11, 12).link();
  fuzz::Readable from(old, old.size());
  fuzz::Bytes image;
  const bool done = fuzz::decode(decoder, from, patch, image_size, piece, image);
  return done ? std::optional(image) : std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  using Sets = delta::SetsOf<delta::Thumb2, delta::Xtensa, delta::RiscV>;
  static delta::huge::EveryDecoder<delta::Decoder<delta::MemoryClass::kMedium, Sets>> decoder;
  const ByteView patch = ByteView(data, size).subspan(2);
  const auto image_size = static_cast<std::uint32_t>(data[0] | data[1] << 8);
  const auto whole = decode(decoder.image_decoder(), patch, image_size, 256);
  fuzz::require(whole == decode(decoder.image_decoder(), patch, image_size, 5));
  return 0;
}
