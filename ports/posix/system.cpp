#include "ports/posix/system.h"

#include <cerrno>
#include <ctime>
#include <sys/random.h>

namespace ferry::posix {

Instant monotonic_now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return Instant(
      std::chrono::duration_cast<Duration>(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)));
}

std::optional<WallTime> SystemClock::wall_time() {
  timespec time{};
  if (::clock_gettime(CLOCK_REALTIME, &time) != 0) {
    return std::nullopt;
  }
  const WallTime wall{WallTime::duration(time.tv_sec) + wall_offset_};
  return wall >= kEarliest ? std::optional(wall) : std::nullopt;
}

Status UrandomEntropy::fill(ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno != EINTR) {
      return fail(Error::kIo);
    }
    bytes = bytes.subspan(got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  return ok();
}

}  // namespace ferry::posix
