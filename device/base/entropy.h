// Port: random numbers. Used to spread load and for session names, never for keys on the device.
#pragma once

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry {

class Entropy {
 public:
  virtual ~Entropy() = default;
  // Fills all of `bytes`. Errors: kIo.
  [[nodiscard]] virtual Status fill(ByteSpan bytes) = 0;
};

}  // namespace ferry
