// Any bytes as a payload in clear: it is refused before the sink is touched, or the sink gets the image, whole.
// The first byte chooses how far the manifest's size is from the payload's.
#include <cstdlib>

#include "device/payload/unpacker.h"

namespace {

using namespace ferry;  // NOLINT: a program of one file

class BytesSource final : public payload::Source {
 public:
  explicit BytesSource(ByteView bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint32_t size() const override { return static_cast<std::uint32_t>(bytes_.size()); }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override {
    if (offset > bytes_.size() || bytes.size() > bytes_.size() - offset) {
      std::abort();
    }
    copy(bytes_.subspan(offset), bytes);
    return ok();
  }

 private:
  ByteView bytes_;
};

class CountingSink final : public ImageSink {
 public:
  [[nodiscard]] Status begin(std::uint32_t size) override {
    left = size;
    return ok();
  }
  [[nodiscard]] Status write(ByteView bytes) override {
    if (bytes.size() > left) {
      std::abort();
    }
    left -= bytes.size();
    return ok();
  }
  [[nodiscard]] Status finish() override {
    finished = left == 0;
    return finished ? ok() : fail(Error::kWrongState);
  }

  std::size_t left = 0;
  bool finished = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) {
    return 0;
  }
  const ByteView bytes = ByteView(data, size).subspan(1);
  const auto image_size = static_cast<std::uint32_t>(bytes.size()) - data[0];
  BytesSource source(bytes);
  CountingSink sink;
  std::array<std::uint8_t, 256> buffer{};
  crypto::Sha256 hash;
  payload::Unpacker unpacker(hash);
  if (!unpacker.begin(source, sink, image_size, std::nullopt, buffer)) {
    return 0;
  }
  Result<bool> done = false;
  for (std::size_t steps = 0; done && !*done; ++steps) {
    if (steps > size) {
      std::abort();
    }
    done = unpacker.step();
  }
  if (!done || !sink.finished || unpacker.written() != image_size) {
    std::abort();
  }
  return 0;
}
