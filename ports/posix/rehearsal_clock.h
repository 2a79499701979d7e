// The system's clocks, with an offset on the time of day that a file may set: for demos and rehearsals.
#pragma once

#include <filesystem>

#include "ports/posix/system.h"

namespace ferry::posix {

class RehearsalClock final : public Clock {
 public:
  // No file: the system's time of day as it is.
  explicit RehearsalClock(std::filesystem::path file) : file_(std::move(file)) {}

  [[nodiscard]] Instant now() override { return system_.now(); }
  [[nodiscard]] std::optional<WallTime> wall_time() override;

 private:
  void read_offset();

  SystemClock system_;
  std::filesystem::path file_;
  std::filesystem::file_time_type read_{};
  std::chrono::seconds offset_{0};
};

}  // namespace ferry::posix
