#include "device/upgrade/trusted_time.h"

#include <algorithm>

namespace ferry {
namespace {

constexpr std::int64_t kDay = 24LL * 60 * 60;
constexpr std::size_t kRecordSize = 24;

std::int64_t load_seconds(ByteView bytes) {
  return static_cast<std::int64_t>(load_le64(bytes));
}

}  // namespace

Status TrustedTime::load() {
  std::array<std::uint8_t, kRecordSize> record{};
  const auto found = journal_.get(Tag::kTime, record);
  if (!found || found->size() != kRecordSize) {
    return found || found.error() == Error::kNotFound ? ok() : fail(found.error());
  }
  highest_ = saved_ = load_seconds(*found);
  newest_sequence_ = load_le64(found->subspan(8));
  newest_since_ = load_seconds(found->subspan(16));
  return ok();
}

Status TrustedTime::observe(std::optional<WallTime> wall, bool durable) {
  if (wall) {
    highest_ = std::max(highest_, wall->time_since_epoch().count());
  }
  const bool due = highest_ >= saved_ + kDay || (durable && highest_ > saved_);
  return due ? save() : ok();
}

Status TrustedTime::use_before(std::uint64_t seconds, std::optional<WallTime> wall, bool without_clock) const {
  const std::int64_t now = std::max(highest_, wall ? wall->time_since_epoch().count() : 0);
  if (now > 0 && static_cast<std::uint64_t>(now) >= seconds) {
    return fail(Error::kExpired);
  }
  return wall || without_clock ? ok() : fail(Error::kNoClock);
}

Result<std::uint32_t> TrustedTime::days_without_news(std::uint64_t sequence, std::optional<WallTime> wall) {
  if (sequence > newest_sequence_ || newest_since_ == 0) {
    newest_sequence_ = std::max(sequence, newest_sequence_);
    newest_since_ = wall ? wall->time_since_epoch().count() : 0;
    FERRY_TRY(save());
  }
  if (!wall || newest_since_ == 0) {
    return 0U;
  }
  const std::int64_t age = wall->time_since_epoch().count() - newest_since_;
  return static_cast<std::uint32_t>(std::max<std::int64_t>(age, 0) / kDay);
}

Status TrustedTime::save() {
  std::array<std::uint8_t, kRecordSize> record{};
  const ByteSpan bytes(record);
  store_le64(bytes, static_cast<std::uint64_t>(highest_));
  store_le64(bytes.subspan(8), newest_sequence_);
  store_le64(bytes.subspan(16), static_cast<std::uint64_t>(newest_since_));
  FERRY_TRY(journal_.put(Tag::kTime, record));
  saved_ = highest_;
  return ok();
}

}  // namespace ferry
