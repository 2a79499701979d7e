// Any bytes as a packed image: two of the size of the image (little-endian), then header and code. The decoder reads no
// place that was not written, makes no more bytes than it should, works in bounds, and answers the same whatever the
// size of the pieces that it is asked for.
#include "device/packed/decoder.h"
#include "fuzz/decoder_check.h"

namespace {

using namespace ferry;  // NOLINT: a program of one file

// The image; nothing where it was refused.
std::optional<fuzz::Bytes> decode(packed::Decoder& decoder, ByteView packed, std::uint32_t image_size,
                                  std::size_t piece) {
  fuzz::Bytes image;
  fuzz::Readable slot(image, 65536);
  const bool done = fuzz::decode(decoder.image_decoder(), slot, packed, image_size, piece, image);
  return done ? std::optional(image) : std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  static packed::Decoder decoder;
  const ByteView packed = ByteView(data, size).subspan(2);
  const auto image_size = static_cast<std::uint32_t>(data[0] | data[1] << 8);
  const auto whole = decode(decoder, packed, image_size, 256);
  fuzz::require(whole == decode(decoder, packed, image_size, 5));
  return 0;
}
