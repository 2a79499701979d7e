// Any bytes as a packed image: two of the size of the image (little-endian), then header and code. The decoder reads no
// place that was not written, makes no more bytes than it should, works in bounds, and answers the same whatever the
// size of the pieces that it is asked for.
#include <cstdlib>
#include <optional>
#include <vector>

#include "device/coding/in_memory.h"
#include "device/packed/decoder.h"

namespace {

using namespace ferry;  // NOLINT: a program of one file
using Bytes = std::vector<std::uint8_t>;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

class Slot final : public ImageReader {
 public:
  explicit Slot(const Bytes& written) : written_(written) {}
  [[nodiscard]] std::uint32_t size() const override { return 65536; }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override {
    require(offset <= written_.size() && bytes.size() <= written_.size() - offset);
    copy(ByteView(written_).subspan(offset), bytes);
    return ok();
  }

 private:
  const Bytes& written_;
};

// The image; nothing where it was refused.
std::optional<Bytes> decode(packed::Decoder& decoder, ByteView packed, std::uint32_t image_size, std::size_t piece) {
  Bytes image;
  Slot slot(image);
  coding::BytesInMemory source(packed);
  if (!decoder.patcher().begin(slot, source, static_cast<std::uint32_t>(packed.size()), image_size)) {
    return std::nullopt;
  }
  Bytes out(piece);
  for (std::size_t calls = 0;; ++calls) {
    require(calls <= image_size + 1U);
    const auto count = decoder.patcher().produce(out);
    if (!count) {
      return std::nullopt;
    }
    require(*count <= piece);
    if (*count == 0) {
      break;
    }
    image.insert(image.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*count));
    require(image.size() <= image_size);
  }
  require(image.size() == image_size);
  return image;
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
  require(whole == decode(decoder, packed, image_size, 5));
  return 0;
}
