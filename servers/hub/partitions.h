// Days of readings in PostgreSQL: made ahead, let go whole. What is older than kDaysBack, or of no day that was made,
// is in tables of its own. Outside of transactions. Throws soci::soci_error.
#pragma once

#include <cstdint>
#include <soci/soci.h>
#include <vector>

namespace ferry::hub {

inline constexpr std::int64_t kDaysBack = 400;  // a device with a wrong clock makes no tables without end

// Days since 1970. Where it cannot be made now, its readings go with the others.
void make_day(soci::session& session, std::int64_t day, std::int64_t now);
// Those before `day`. Where somebody reads them for long, the next time.
void drop_days(soci::session& session, std::int64_t day);
[[nodiscard]] std::vector<std::int64_t> days(soci::session& session);

}  // namespace ferry::hub
