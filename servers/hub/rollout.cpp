#include "servers/hub/rollout.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "servers/hub/sql.h"

namespace ferry::hub {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr const char* kRunning = "running";
constexpr std::int64_t kSteps =
    2 * reached_bit(EventKind::kFailed) - reached_bit(EventKind::kWindow);                         // bits of a visit
constexpr std::array kDrawn = {EventKind::kConfirmed, EventKind::kReverted, EventKind::kRefused};  // hour by hour

void add_visits(soci::session& sql, std::int64_t started, const std::string& outcome, std::int64_t change) {
  execute(sql, Sql("INSERT INTO visit_hours (hour, outcome, visits) VALUES (?, ?, ?) ON CONFLICT (hour, outcome) DO "
                   "UPDATE SET visits = visit_hours.visits + excluded.visits",
                   started / kHour, outcome, change));
}

void add_devices(soci::session& sql, const std::string& version, const std::string& kind, std::int64_t change) {
  execute(sql,
          Sql("INSERT INTO rollout_counts (version, kind, devices) VALUES (?, ?, ?) ON CONFLICT (version, kind) DO "
              "UPDATE SET devices = rollout_counts.devices + excluded.devices",
              version, kind, change));
}

// The one device that reached it now.
void add_to_hour(soci::session& sql, const std::string& version, const std::string& kind, std::int64_t now) {
  execute(sql, Sql("INSERT INTO rollout_hours (version, hour, kind, devices) VALUES (?, ?, ?, 1) ON CONFLICT (version, "
                   "hour, kind) DO UPDATE SET devices = rollout_hours.devices + excluded.devices",
                   version, now / kHour, kind));
}

void reach(soci::session& sql, const Visit& visit, std::int64_t now) {
  const std::int64_t before = count(
      sql, Sql("SELECT reached FROM rollout_devices WHERE version = ? AND device = ?", visit.version, visit.device));
  const std::int64_t reached = visit.reached & kSteps;
  const std::int64_t news = reached & ~before;
  if (news == 0) {
    return;
  }
  execute(sql, Sql("INSERT INTO rollout_devices (version, device, reached) VALUES (?, ?, ?) ON CONFLICT (version, "
                   "device) DO UPDATE SET reached = excluded.reached",
                   visit.version, visit.device, before | reached));
  for (auto number = static_cast<std::uint8_t>(EventKind::kWindow);
       number <= static_cast<std::uint8_t>(EventKind::kFailed); ++number) {
    const auto kind = static_cast<EventKind>(number);
    if ((news & reached_bit(kind)) != 0) {
      const std::string step(name(kind));
      add_devices(sql, visit.version, step, 1);
      if (std::find(kDrawn.begin(), kDrawn.end(), kind) != kDrawn.end()) {
        add_to_hour(sql, visit.version, step, now);
      }
    }
  }
}

void enter_rollout(soci::session& sql, const Visit& visit) {
  const std::int64_t last = visit.ended.value_or(visit.started);
  execute(sql, Sql("INSERT INTO rollouts (version, sequence, first, last) VALUES (?, ?, ?, ?) ON CONFLICT (version) DO "
                   "UPDATE SET "
                   "sequence = CASE WHEN rollouts.sequence < excluded.sequence THEN excluded.sequence ELSE "
                   "rollouts.sequence END, "
                   "first = CASE WHEN rollouts.first > excluded.first THEN excluded.first ELSE rollouts.first END, "
                   "last = CASE WHEN rollouts.last < excluded.last THEN excluded.last ELSE rollouts.last END",
                   visit.version, visit.sequence, visit.started, last));
}

// A device whose last visit ended badly is in trouble until the next one begins.
void enter_trouble(soci::session& sql, const Visit& visit) {
  execute(sql,
          Sql("INSERT INTO troubles (device, visit, started, ended, outcome, error, version) VALUES (?, ?, ?, ?, ?, "
              "?, ?) ON CONFLICT (device) DO UPDATE SET visit = excluded.visit, started = excluded.started, ended "
              "= excluded.ended, outcome = excluded.outcome, error = excluded.error, version = excluded.version",
              visit.device, visit.id, visit.started, *visit.ended, visit.outcome,
              static_cast<std::int64_t>(visit.error), visit.version));
}

void add_counts(soci::session& session, const Sql& sql, Counts& all) {
  for_each_row<std::string, std::int64_t>(
      session, sql, [&all](const std::string& outcome, std::int64_t visits) { all[outcome] += visits; });
}

void count_visits(soci::session& sql, std::int64_t from, std::int64_t to, Counts& all) {
  if (from < to) {
    add_counts(
        sql, Sql("SELECT outcome, COUNT(*) FROM visits WHERE started >= ? AND started < ? GROUP BY outcome", from, to),
        all);
  }
}

}  // namespace

void count_begin(soci::session& sql, const Visit& visit) {
  add_visits(sql, visit.started, visit.outcome, 1);
  execute(sql, Sql("DELETE FROM troubles WHERE device = ?", visit.device));
}

void count_step(soci::session& sql, const Visit& before, const Visit& after, std::int64_t now) {
  if (after.ended) {
    add_visits(sql, before.started, before.outcome, -1);
    add_visits(sql, after.started, after.outcome, 1);
    if (after.outcome == name(EventKind::kReverted) || after.outcome == name(EventKind::kFailed)) {
      enter_trouble(sql, after);
    }
  }
  if (after.version.empty()) {
    return;
  }
  const int running = (after.ended ? 0 : 1) - (before.version.empty() ? 0 : 1);
  if (running != 0) {
    add_devices(sql, after.version, kRunning, running);
  }
  enter_rollout(sql, after);
  reach(sql, after, now);
}

// At the first whole hour from then on.
void count_version(soci::session& sql, const std::string& before, const std::string& after, std::int64_t now) {
  for (const auto& [version, change] : {std::pair(before, -1), std::pair(after, 1)}) {
    if (!version.empty()) {
      execute(sql,
              Sql("INSERT INTO version_hours (hour, version, devices) VALUES (?, ?, ?) ON CONFLICT (hour, version) "
                  "DO UPDATE SET devices = version_hours.devices + excluded.devices",
                  (now + kHour - 1) / kHour, version, change));
    }
  }
}

std::vector<Rollout> rollouts(soci::session& sql, const std::string& version) {
  const auto of = [&version](const char* text) {
    Sql query(text);
    if (!version.empty()) {
      query.add(" WHERE version = ?", version);
    }
    return query;
  };
  std::map<std::string, Counts> devices;
  for_each_row<std::string, std::string, std::int64_t>(
      sql, of("SELECT version, kind, devices FROM rollout_counts"),
      [&devices](const std::string& release, const std::string& kind, std::int64_t number) {
        devices[release][kind] = number;
      });
  std::vector<Rollout> all;
  for_each_row<std::string, std::int64_t, std::int64_t, std::int64_t>(
      sql, of("SELECT version, sequence, first, last FROM rollouts").add(" ORDER BY first DESC, version"),
      [&](const std::string& release, std::int64_t sequence, std::int64_t first, std::int64_t last) {
        all.push_back({release, sequence, first, last, devices[release]});
      });
  return all;
}

RolloutHours rollout_hours(soci::session& sql, const std::string& version) {
  RolloutHours hours;
  Counts sums;
  for_each_row<std::int64_t, std::string, std::int64_t>(
      sql, Sql("SELECT hour, kind, devices FROM rollout_hours WHERE version = ? ORDER BY hour", version),
      [&](std::int64_t hour, const std::string& kind, std::int64_t devices) {
        sums[kind] += devices;
        hours[hour * kHour] = sums;
      });
  return hours;
}

// Whole hours from what is kept, what is before and after them from the visits.
Counts visits_by_outcome(soci::session& sql, std::int64_t from, std::int64_t to) {
  Counts all;
  const std::int64_t first = (from + kHour - 1) / kHour;
  const std::int64_t end = to / kHour;
  if (first >= end) {
    count_visits(sql, from, to, all);
    return all;
  }
  count_visits(sql, from, first * kHour, all);
  add_counts(sql,
             Sql("SELECT outcome, CAST(SUM(visits) AS BIGINT) FROM visit_hours WHERE hour >= ? AND hour < ? GROUP BY "
                 "outcome",
                 first, end),
             all);
  count_visits(sql, end * kHour, to, all);
  return all;
}

Rate failure_rate(soci::session& sql, std::int64_t from, std::int64_t to) {
  Rate rate;
  for (const auto& [outcome, visits] : visits_by_outcome(sql, from, to)) {
    if (!outcome.empty() && outcome != name(EventKind::kNothingNewer)) {
      rate.attempts += visits;
      rate.failures += outcome == name(EventKind::kFailed) || outcome == name(EventKind::kReverted) ? visits : 0;
    }
  }
  return rate;
}

std::map<std::string, std::vector<std::int64_t>> versions_at(soci::session& sql,
                                                             const std::vector<std::int64_t>& times) {
  std::map<std::string, std::vector<std::int64_t>> series;
  for_each_row<std::int64_t, std::string, std::int64_t>(
      sql,
      Sql("SELECT hour, version, devices FROM version_hours WHERE hour <= ?",
          times.empty() ? -1 : times.back() / kHour),
      [&](std::int64_t hour, const std::string& version, std::int64_t change) {
        auto& all = series[version];
        all.resize(times.size());
        all[static_cast<std::size_t>(std::lower_bound(times.begin(), times.end(), hour * kHour) - times.begin())] +=
            change;
      });
  for (auto& [version, all] : series) {
    std::partial_sum(all.begin(), all.end(), all.begin());
  }
  std::erase_if(series, [](const auto& one) {
    return std::all_of(one.second.begin(), one.second.end(), [](std::int64_t devices) { return devices == 0; });
  });
  return series;
}

}  // namespace ferry::hub
