// The time of day as far as it can be trusted: it never runs backwards past what was ever seen, also across resets.
#pragma once

#include <optional>

#include "device/base/time.h"
#include "device/journal/journal.h"

namespace ferry {

class TrustedTime {
 public:
  explicit TrustedTime(Journal& journal) : journal_(journal) {}

  // Errors: as Journal::get, but none for a record that is not there.
  [[nodiscard]] Status load();
  // Takes note of the clock. What it shows is kept in flash when `durable`, or once a day. Errors: as Journal::put.
  [[nodiscard]] Status observe(std::optional<WallTime> wall, bool durable);

  // "Use before `seconds`" (SUIT update management): kExpired where the time, or the highest time ever seen, has
  // reached it; kNoClock where the time is not known and `without_clock` does not allow to go on all the same.
  [[nodiscard]] Status use_before(std::uint64_t seconds, std::optional<WallTime> wall, bool without_clock) const;

  // Takes note of the newest sequence that the repository has shown, and answers for how many whole days that has been
  // the newest: a repository that is frozen shows by it. Errors: as Journal::put.
  [[nodiscard]] Result<std::uint32_t> days_without_news(std::uint64_t sequence, std::optional<WallTime> wall);

 private:
  [[nodiscard]] Status save();

  Journal& journal_;
  std::int64_t highest_ = 0;  // UTC seconds
  std::int64_t saved_ = 0;
  std::uint64_t newest_sequence_ = 0;
  std::int64_t newest_since_ = 0;
};

}  // namespace ferry
