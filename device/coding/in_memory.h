// An image and coded bytes that stand in memory as a whole: on hosts, in tests, in flash that is mapped.
#pragma once

#include <utility>

#include "device/base/image_reader.h"
#include "device/coding/byte_source.h"

namespace ferry::coding {

class ImageInMemory final : public ImageReader {
 public:
  // `bytes` must outlive it.
  explicit ImageInMemory(ByteView bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint32_t size() const override { return static_cast<std::uint32_t>(bytes_.size()); }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override {
    if (offset > bytes_.size() || bytes.size() > bytes_.size() - offset) {
      return fail(Error::kOutOfRange);
    }
    copy(bytes_.subspan(offset), bytes);
    return ok();
  }

 private:
  ByteView bytes_;
};

class BytesInMemory final : public ByteSource {
 public:
  // `bytes` must outlive it.
  explicit BytesInMemory(ByteView bytes) : left_(bytes) {}
  [[nodiscard]] Result<ByteView> next_piece() override { return std::exchange(left_, ByteView()); }

 private:
  ByteView left_;
};

}  // namespace ferry::coding
