// Port: Entropy (device/base/entropy.h).
#pragma once

#include "device/base/entropy.h"

namespace ferry::board_template {

class Entropy final : public ferry::Entropy {
 public:
  // `personal`: secret bytes of this device, for a board without a source of its own that has to make do with a hash
  // (ports/mps2). A board with one ignores them.
  explicit Entropy(ByteView /*personal*/) {}
  // Fills all of `bytes` from the part's own source, and waits for it, but not for ever. Errors: kIo (the source failed
  // its test, or gave nothing in the time that it takes at most).
  [[nodiscard]] Status fill(ByteSpan bytes) override;
};

}  // namespace ferry::board_template
