// Any bytes as a patch over a fixed old image: two of the size of the new image (little-endian), then the patch. The
// decoder reads no place outside of the old image, makes no more bytes than it should, works in bounds, and answers the
// same whatever the size of the pieces that it is asked for.
#include <cstdlib>
#include <optional>
#include <vector>

#include "device/delta/huge/decoder.h"
#include "device/delta/in_memory.h"
#include "device/delta/riscv.h"
#include "device/delta/xtensa.h"
#include "host/delta/program_test_util.h"

namespace {

using namespace ferry;  // NOLINT: a program of one file
using Bytes = std::vector<std::uint8_t>;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

class OldImage final : public delta::ImageReader {
 public:
  [[nodiscard]] std::uint32_t size() const override { return static_cast<std::uint32_t>(bytes_.size()); }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override {
    require(offset <= bytes_.size() && bytes.size() <= bytes_.size() - offset);
    copy(ByteView(bytes_).subspan(offset), bytes);
    return ok();
  }

 private:
  Bytes bytes_ = host::delta::Program(11, 12).link();
};

// The new image; nothing where the patch was refused.
std::optional<Bytes> decode(delta::Patcher& patcher, ByteView patch, std::uint32_t image_size, std::size_t piece) {
  static OldImage old;
  delta::PatchInMemory source(patch);
  if (!patcher.begin(old, source, static_cast<std::uint32_t>(patch.size()), image_size)) {
    return std::nullopt;
  }
  Bytes image;
  Bytes out(piece);
  for (std::size_t calls = 0;; ++calls) {
    require(calls <= image_size + 1U);
    const auto count = patcher.produce(out);
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
  using Sets = delta::SetsOf<delta::Thumb2, delta::Xtensa, delta::RiscV>;
  static delta::huge::EveryDecoder<delta::Decoder<delta::MemoryClass::kMedium, Sets>> decoder;
  const ByteView patch = ByteView(data, size).subspan(2);
  const auto image_size = static_cast<std::uint32_t>(data[0] | data[1] << 8);
  const auto whole = decode(decoder.patcher(), patch, image_size, 256);
  require(whole == decode(decoder.patcher(), patch, image_size, 5));
  return 0;
}
