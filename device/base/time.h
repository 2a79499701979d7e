// Time types. Three different things, so three types that do not mix:
// Duration (a length, milliseconds), Instant (a point on the monotonic clock), WallTime (UTC, seconds since 1970).
#pragma once

#include <chrono>
#include <cstdint>

namespace ferry {

using Duration = std::chrono::duration<std::int64_t, std::milli>;

struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};

using Instant = MonotonicClock::time_point;
inline constexpr Instant kNever = Instant::max();

using WallTime = std::chrono::sys_time<std::chrono::duration<std::int64_t>>;

using namespace std::chrono_literals;

}  // namespace ferry
