// What became of releases, and of visits in all: counted as visits go on, in the transaction that enters their events.
// Everything throws soci::soci_error.
#pragma once

#include <map>
#include <string>

#include "servers/hub/analysis.h"
#include "servers/hub/tallies.h"
#include "servers/hub/visit.h"

namespace ferry::hub {

void count_begin(soci::session& sql, const Visit& visit);
// After an event of the visit, or its end without one.
void count_step(soci::session& sql, const Visit& before, const Visit& after, std::int64_t now);
// A device runs another version; empty: not known before.
void count_version(soci::session& sql, const std::string& before, const std::string& after, std::int64_t now);

struct Rollout {
  std::string version;
  std::int64_t sequence = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
  Counts devices;  // that reached a step, by its name; "running": whose visit goes on
};
// The newest first; empty: all.
[[nodiscard]] std::vector<Rollout> rollouts(soci::session& sql, const std::string& version);

// Devices that reached one of the ends by then, by the start of the hour in which they did.
using RolloutHours = std::map<std::int64_t, Counts>;
[[nodiscard]] RolloutHours rollout_hours(soci::session& sql, const std::string& version);

// Visits that started in [from, to), by outcome; "" = it goes on.
[[nodiscard]] Counts visits_by_outcome(soci::session& sql, std::int64_t from, std::int64_t to);
// Of those that ended with more than "nothing newer", those that failed or were reverted.
[[nodiscard]] Rate failure_rate(soci::session& sql, std::int64_t from, std::int64_t to);

// Devices by version at each of `times`: ascending starts of hours.
[[nodiscard]] std::map<std::string, std::vector<std::int64_t>> versions_at(soci::session& sql,
                                                                           const std::vector<std::int64_t>& times);

}  // namespace ferry::hub
