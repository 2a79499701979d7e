// Coded bytes, one after the other.
#pragma once

#include "device/coding/byte_source.h"

namespace ferry::coding {

class ByteReader {
 public:
  explicit ByteReader(ByteSource& source) : source_(&source) {}
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

  ByteSource* source_;
  ByteView piece_;
  Status status_ = ok();
};

}  // namespace ferry::coding
