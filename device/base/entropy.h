// Port: random numbers. Used to spread load and for session names, never for keys on the device.
#pragma once

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry {

class Entropy {
 public:
  // Fills all of `bytes`. Errors: kIo.
  [[nodiscard]] virtual Status fill(ByteSpan bytes) = 0;

 protected:
  ~Entropy() = default;  // never deleted through the port
};

}  // namespace ferry
