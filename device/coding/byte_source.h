// Where coded bytes come from, piece by piece.
#pragma once

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry::coding {

class ByteSource {
 public:
  // What comes next, valid until the next call; empty at the end. Errors: kIo, and others of the port's own.
  [[nodiscard]] virtual Result<ByteView> next_piece() = 0;

 protected:
  ~ByteSource() = default;  // never deleted through the port
};

}  // namespace ferry::coding
