// When a device may upgrade: a window in local time, a moment in it of the device's own, and what follows a failure.
// Pure decisions: no clock, no random number.
#pragma once

#include <optional>

#include "device/base/time.h"
#include "device/factory/factory.h"

namespace ferry {

// What must survive a reset; the owner keeps it in the journal (Tag::kSchedule).
struct ScheduleState {
  std::int32_t last_day = -1;  // local day number (since 1970) whose moment was used up
  std::uint8_t failures = 0;   // visits in a row that ended without a decision
  std::int64_t retry_at = 0;   // UTC seconds; 0 = no retry pending
};
inline constexpr std::size_t kScheduleStateSize = 16;
void store(const ScheduleState& state, std::span<std::uint8_t, kScheduleStateSize> out);
[[nodiscard]] ScheduleState load_schedule(std::span<const std::uint8_t, kScheduleStateSize> bytes);

class Schedule {
 public:
  Schedule(const WindowSettings& window, const Uuid& device_id, ScheduleState state = {});

  // UTC seconds at which this device goes on local day `day` (since 1970): uniform over the window by a hash of device
  // id and day that an operator can compute (spec/schedule.md). Past midnight where the window reaches there.
  [[nodiscard]] std::int64_t moment(std::int32_t day) const;

  // True when a visit is due. A moment that passed while the device was off or the clock was not set is made up for
  // as long as its window is still open, spread anew over what is left of it; a closed window is not (missed: the next
  // one counts). No clock: never due. A clock that jumps ahead causes at most one visit; one that runs backwards none
  // that was already made for that day.
  [[nodiscard]] bool due(std::optional<WallTime> now) const;
  // Next time at which due() can become true; nothing while the clock is not set.
  [[nodiscard]] std::optional<WallTime> next(std::optional<WallTime> now) const;

  // The visit began: uses up the day's moment.
  void visit_began(WallTime now);
  // It ended with a decision (nothing newer, refused, installed): back-off is forgotten.
  void visit_decided();
  // It ended without one: try again after 5, 10, 15, 20, 30, 60 minutes (then 60 again) while the window is open, with
  // `jitter` (any number) spreading the devices; past the window the next one counts.
  void visit_failed(WallTime now, std::uint32_t jitter);

  [[nodiscard]] const ScheduleState& state() const { return state_; }

 private:
  [[nodiscard]] std::int64_t moment(std::int32_t day, std::uint32_t make_up) const;
  [[nodiscard]] std::int64_t opens(std::int32_t day) const;
  [[nodiscard]] bool enabled(std::int32_t day) const;
  [[nodiscard]] bool used(std::int32_t day) const;
  [[nodiscard]] std::int32_t local_day(std::int64_t now) const;
  [[nodiscard]] std::optional<std::int32_t> open_window(std::int64_t now) const;
  [[nodiscard]] std::int64_t due_at(std::int32_t day, std::int64_t now) const;

  WindowSettings window_;
  Uuid device_id_;
  ScheduleState state_;
};

// A device's fixed place in 0..9999 for a release: for staged rollouts.
[[nodiscard]] std::uint32_t cohort(const Uuid& device_id, std::uint64_t sequence);

}  // namespace ferry
