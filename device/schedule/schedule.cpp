#include "device/schedule/schedule.h"

#include <algorithm>
#include <array>

namespace ferry {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86400;
constexpr std::array<std::int64_t, 6> kLadder = {5, 10, 15, 20, 30, 60};  // minutes
constexpr std::int64_t kGrace = 120;               // a moment is met for so long; later it counts as missed
constexpr std::uint32_t kMakeUps = 8;              // times that a missed moment is spread anew
constexpr std::int64_t kLongestRetry = 2 * kHour;  // further ahead than this, the clock was wrong when it was set
constexpr std::uint32_t kCohorts = 10000;

std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

// FNV-1a over the device id and a number, then the finaliser of MurmurHash3: an operator can compute it again.
std::uint64_t hash(const Uuid& id, std::uint64_t number, std::uint32_t salt) {
  std::uint64_t value = 0xCBF29CE484222325U;
  const auto mix = [&value](std::uint8_t byte) { value = (value ^ byte) * 0x100000001B3U; };
  for (const std::uint8_t byte : id) {
    mix(byte);
  }
  for (int i = 0; i < 8; ++i) {
    mix(static_cast<std::uint8_t>(number >> (8 * i)));
  }
  for (int i = 0; i < 4; ++i) {
    mix(static_cast<std::uint8_t>(salt >> (8 * i)));
  }
  value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCDU;
  value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53U;
  return value ^ (value >> 33);
}

// A clock that lies may say anything; days must still fit their type.
std::int64_t seconds(WallTime time) {
  constexpr std::int64_t kFarthest = (INT32_MAX - 16) * kDay;
  return std::clamp(static_cast<std::int64_t>(time.time_since_epoch().count()), -kFarthest, kFarthest);
}

}  // namespace

void store(const ScheduleState& state, std::span<std::uint8_t, kScheduleStateSize> out) {
  store_le32(out, static_cast<std::uint32_t>(state.last_day));
  store_le32(out.subspan(4), state.failures);
  store_le64(out.subspan(8), static_cast<std::uint64_t>(state.retry_at));
}

ScheduleState load_schedule(std::span<const std::uint8_t, kScheduleStateSize> bytes) {
  ScheduleState state;
  state.last_day = static_cast<std::int32_t>(load_le32(bytes));
  state.failures = static_cast<std::uint8_t>(std::min<std::uint32_t>(load_le32(bytes.subspan(4)), UINT8_MAX));
  state.retry_at = static_cast<std::int64_t>(load_le64(bytes.subspan(8)));
  return state;
}

Schedule::Schedule(const WindowSettings& window, const Uuid& device_id, ScheduleState state)
    : window_(window), device_id_(device_id), state_(state) {}

std::int64_t Schedule::moment(std::int32_t day) const {
  return moment(day, 0);
}

// The first moment is spread over the whole window; each make-up over what the one before left of it.
std::int64_t Schedule::moment(std::int32_t day, std::uint32_t make_up) const {
  const std::int64_t end = opens(day) + window_.length_minutes * kMinute;
  std::int64_t at = opens(day);
  for (std::uint32_t i = 0; i <= make_up; ++i) {
    const auto left = static_cast<std::uint64_t>(std::max<std::int64_t>(end - at, 1));
    at += static_cast<std::int64_t>(hash(device_id_, static_cast<std::uint32_t>(day), i) % left);
  }
  return at;
}

std::int64_t Schedule::opens(std::int32_t day) const {
  return day * kDay - window_.zone_minutes * kMinute + window_.start_minute * kMinute;
}

bool Schedule::enabled(std::int32_t day) const {
  const std::int64_t weekday = (day % 7 + 7 + 3) % 7;  // 1 January 1970 was a Thursday; 0 = Monday
  return ((window_.days >> weekday) & 1U) != 0;
}

// A visit that was made for the day, also where the clock has gone back a little since. A day far ahead was noted by a
// clock that was wrong, and counts for nothing.
bool Schedule::used(std::int32_t day) const {
  return state_.last_day == day || state_.last_day == day + 1;
}

std::int32_t Schedule::local_day(std::int64_t now) const {
  return static_cast<std::int32_t>(floor_divide(now + window_.zone_minutes * kMinute, kDay));
}

std::optional<std::int32_t> Schedule::open_window(std::int64_t now) const {
  const std::int32_t today = local_day(now);
  for (const std::int32_t day : {today, today - 1}) {  // yesterday's may reach past midnight
    if (enabled(day) && now >= opens(day) && now < opens(day) + window_.length_minutes * kMinute) {
      return day;
    }
  }
  return std::nullopt;
}

// When a visit for `day` is due, not before `now`.
std::int64_t Schedule::due_at(std::int32_t day, std::int64_t now) const {
  for (std::uint32_t i = 0; i < kMakeUps; ++i) {
    const std::int64_t at = moment(day, i);
    if (now < at + kGrace) {
      return std::max(at, now);
    }
  }
  return now;
}

bool Schedule::due(std::optional<WallTime> wall) const {
  if (!wall) {
    return false;
  }
  const std::int64_t now = seconds(*wall);
  const auto day = open_window(now);
  if (!day) {
    return false;
  }
  if (used(*day)) {
    return state_.retry_at != 0 && (now >= state_.retry_at || state_.retry_at > now + kLongestRetry);
  }
  return due_at(*day, now) <= now;
}

std::optional<WallTime> Schedule::next(std::optional<WallTime> wall) const {
  if (!wall) {
    return std::nullopt;
  }
  if (due(wall)) {
    return wall;
  }
  const std::int64_t now = seconds(*wall);
  const std::int32_t today = local_day(now);
  std::int64_t earliest = INT64_MAX;
  for (std::int32_t day = today - 1; day <= today + 8; ++day) {
    const std::int64_t end = opens(day) + window_.length_minutes * kMinute;
    if (!enabled(day) || end <= now) {
      continue;
    }
    const bool retries = state_.retry_at != 0 && state_.retry_at < end;
    if (!used(day)) {
      earliest = std::min(earliest, due_at(day, now));
    } else if (retries) {
      earliest = std::min(earliest, std::max(state_.retry_at, now));
    }
  }
  if (earliest == INT64_MAX) {
    return std::nullopt;
  }
  return WallTime(WallTime::duration(earliest));
}

void Schedule::visit_began(WallTime now) {
  // A visit that was asked for outside a window leaves the day's moment as it is.
  state_.last_day = open_window(seconds(now)).value_or(state_.last_day);
  state_.retry_at = 0;
}

void Schedule::visit_decided() {
  state_.failures = 0;
  state_.retry_at = 0;
}

void Schedule::visit_failed(WallTime now, std::uint32_t jitter) {
  const std::size_t rung = std::min<std::size_t>(state_.failures, kLadder.size() - 1);
  const std::int64_t wait = kLadder[rung] * kMinute;
  state_.retry_at = seconds(now) + wait + jitter % (wait / 4);
  state_.failures = static_cast<std::uint8_t>(std::min(state_.failures + 1, UINT8_MAX));
}

std::uint32_t cohort(const Uuid& device_id, std::uint64_t sequence) {
  return static_cast<std::uint32_t>(hash(device_id, sequence, UINT32_MAX) % kCohorts);
}

}  // namespace ferry
