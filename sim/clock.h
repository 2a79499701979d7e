// The virtual clock of a simulated world: time moves only when somebody moves it.
//
// Two time lines: the world's own, which never starts anew, and the device's, which starts at zero with each restart.
// The time of day runs along with both once it is set, and may be made to jump or to be unknown.
#pragma once

#include <optional>

#include "device/base/clock.h"

namespace ferry::sim {

class Clock final : public ferry::Clock {
 public:
  [[nodiscard]] Instant now() override { return Instant{world_ - restarted_at_}; }
  [[nodiscard]] std::optional<WallTime> wall_time() override {
    if (!wall_at_zero_) {
      return std::nullopt;
    }
    return *wall_at_zero_ + std::chrono::duration_cast<WallTime::duration>(world_.time_since_epoch());
  }

  // The world's time line: for simulated networks, servers and plans.
  [[nodiscard]] Instant world_now() const { return world_; }
  // The device's instant `at` on the world's time line; kNever stays kNever.
  [[nodiscard]] Instant to_world(Instant at) const {
    return at == kNever ? kNever : restarted_at_ + at.time_since_epoch();
  }

  void advance(Duration by) { world_ += by; }
  // To a point of the world's time line; earlier points change nothing.
  void advance_to(Instant at) { world_ = at > world_ ? at : world_; }
  // The device was reset: its monotonic time starts anew. The time of day goes on.
  void restart() { restarted_at_ = world_; }

  void set_wall_time(WallTime time) {
    wall_at_zero_ = time - std::chrono::duration_cast<WallTime::duration>(world_.time_since_epoch());
  }
  void unset_wall_time() { wall_at_zero_.reset(); }
  // Sets the time of day forward or back; nothing while it is unset.
  void jump_wall_time(std::chrono::seconds by) {
    if (wall_at_zero_) {
      *wall_at_zero_ += by;
    }
  }

 private:
  Instant world_{};
  Instant restarted_at_{};
  std::optional<WallTime> wall_at_zero_;
};

}  // namespace ferry::sim
