// The bytes of a patch, one after the other.
#pragma once

#include "device/delta/patcher.h"

namespace ferry::delta {

class ByteReader {
 public:
  explicit ByteReader(PatchSource& source) : source_(&source) {}
  // 0 past the end, and where reading failed: status() says so.
  [[nodiscard]] std::uint8_t next() {
    if (piece_.empty() && !read()) {
      return 0;
    }
    const std::uint8_t byte = piece_.front();
    piece_ = piece_.subspan(1);
    return byte;
  }
  [[nodiscard]] Status status() const { return status_; }

 private:
  [[nodiscard]] bool read();

  PatchSource* source_;
  ByteView piece_;
  Status status_ = ok();
};

}  // namespace ferry::delta
