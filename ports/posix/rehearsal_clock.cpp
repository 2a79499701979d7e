#include "ports/posix/rehearsal_clock.h"

#include <fstream>

namespace ferry::posix {

std::optional<WallTime> RehearsalClock::wall_time() {
  read_offset();
  const auto time = system_.wall_time();
  return time ? std::optional(*time + offset_) : std::nullopt;
}

void RehearsalClock::read_offset() {
  if (file_.empty()) {
    return;
  }
  std::error_code error;
  const auto written = std::filesystem::last_write_time(file_, error);
  if (error || written == read_) {
    return;
  }
  std::ifstream file(file_);
  std::int64_t seconds = 0;
  if (file >> seconds) {
    offset_ = std::chrono::seconds(seconds);
    read_ = written;
  }
}

}  // namespace ferry::posix
