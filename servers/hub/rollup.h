// Readings by minute, hour and day. An hour that new readings came for is dirty until it is rolled up, which happens
// when it is over; until then, who asks gets that hour from the readings themselves, so answers are always right.
// Within the caller's transaction.
#pragma once

#include <map>
#include <optional>
#include <soci/soci.h>

#include "servers/hub/store.h"

namespace ferry::hub {

inline constexpr std::int64_t kMinute = 60;
inline constexpr std::int64_t kHour = 3600;
inline constexpr std::int64_t kDay = 86400;

struct Bucket {
  std::int64_t count = 0;
  double sum = 0;
  double least = 0;
  double most = 0;

  void add(const Bucket& other);
};

// Some of the dirty hours. Returns whether there are more.
bool roll_up(soci::session& sql, const Retention& retention, std::int64_t now);
// Some of what is past its time; many calls go through all series, and begin again.
void let_go(soci::session& sql, const Retention& retention, std::int64_t now);

// By start; `width` is one of the three.
[[nodiscard]] std::map<std::int64_t, Bucket> buckets(soci::session& sql, std::int64_t series, std::int64_t width,
                                                     std::int64_t from, std::int64_t to);

}  // namespace ferry::hub
