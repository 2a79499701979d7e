// Port: the clocks of the device.
#pragma once

#include <optional>

#include "device/base/time.h"

namespace ferry {

class Clock {
 public:
  // Monotonic since an arbitrary start; never goes back while the device runs, starts anew at a reset.
  [[nodiscard]] virtual Instant now() = 0;
  // The time of day, or nothing while it is not set. It may jump and it may lie: callers keep their own high-water
  // mark.
  [[nodiscard]] virtual std::optional<WallTime> wall_time() = 0;

 protected:
  ~Clock() = default;  // never deleted through the port
};

}  // namespace ferry
