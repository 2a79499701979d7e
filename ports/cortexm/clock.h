// The time of day of a device without a battery-backed clock: what it was told last, counted on.
#pragma once

#include "device/base/clock.h"

namespace ferry::cortexm {

class Clock : public ferry::Clock {
 public:
  [[nodiscard]] std::optional<WallTime> wall_time() final {
    return at_start_ ? std::optional(*at_start_ + since_start()) : std::nullopt;
  }
  void set_wall_time(WallTime time) { at_start_ = time - since_start(); }

 protected:
  ~Clock() = default;

 private:
  [[nodiscard]] std::chrono::seconds since_start() {
    return std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch());
  }

  std::optional<WallTime> at_start_;
};

}  // namespace ferry::cortexm
