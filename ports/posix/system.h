// Clocks and random numbers of the operating system.
#pragma once

#include "device/base/clock.h"
#include "device/base/entropy.h"

namespace ferry::posix {

// CLOCK_MONOTONIC.
[[nodiscard]] Instant monotonic_now();

class SystemClock final : public Clock {
 public:
  // A time of day before this was never set: a board without a battery starts in 1970.
  static constexpr WallTime kEarliest = std::chrono::sys_days(std::chrono::year(2024) / 1 / 1);

  // `wall_offset` is added to the system's time of day: rehearsals and tests.
  explicit SystemClock(std::chrono::seconds wall_offset = std::chrono::seconds(0)) : wall_offset_(wall_offset) {}

  [[nodiscard]] Instant now() override { return monotonic_now(); }
  [[nodiscard]] std::optional<WallTime> wall_time() override;

 private:
  std::chrono::seconds wall_offset_;
};

// getrandom(2).
class UrandomEntropy final : public Entropy {
 public:
  [[nodiscard]] Status fill(ByteSpan bytes) override;
};

}  // namespace ferry::posix
