// Coded bytes for tests, as staging gives them: in small pieces, and not for ever.
#pragma once

#include <algorithm>

#include "device/coding/byte_source.h"
#include "host/bytes.h"

namespace ferry::host::coding {

class Staged final : public ferry::coding::ByteSource {
 public:
  // `bytes` must outlive it.
  explicit Staged(const Bytes& bytes) : bytes_(bytes) {}
  [[nodiscard]] Result<ByteView> next_piece() override {
    if (at_ >= fails_at) {
      return fail(Error::kIo);
    }
    const ByteView piece = ByteView(bytes_).subspan(at_, std::min<std::size_t>(bytes_.size() - at_, 7));
    at_ += piece.size();
    return piece;
  }
  std::size_t fails_at = SIZE_MAX;

 private:
  const Bytes& bytes_;
  std::size_t at_ = 0;
};

}  // namespace ferry::host::coding
