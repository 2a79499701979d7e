#include "servers/hub/fleet.h"

#include <algorithm>

namespace ferry::hub {
namespace {

using Number = std::int64_t;
using MaybeNumber = std::optional<std::int64_t>;
using Text = std::string;

void add_filter(Sql& sql, const DeviceFilter& filter) {
  if (!filter.search.empty()) {
    const std::string part = like_part(filter.search);
    const char* separator = " AND (";
    for (const char* column : {"serial", "id", "product", "label", "note"}) {
      sql.add(separator).add("LOWER(").add(column).add(") LIKE LOWER(?) ESCAPE '\\'", part);
      separator = " OR ";
    }
    sql.add(")");
  }
  const auto add_exactly = [&sql](const char* condition, const std::string& value) {
    if (!value.empty()) {
      sql.add(condition, value);
    }
  };
  add_exactly(" AND product = ?", filter.product);
  add_exactly(" AND label = ?", filter.label);
  add_exactly(" AND version = ?", filter.version);
  if (filter.online) {
    sql.add(" AND online = ?", *filter.online);
  }
  if (filter.silent) {
    sql.add(*filter.silent ? " AND last_seen < ?" : " AND (last_seen IS NULL OR last_seen >= ?)", filter.silent_before);
  }
}

std::vector<LabelledDevice> collect_devices(soci::session& session, const Sql& sql, std::int64_t silent_before) {
  std::vector<LabelledDevice> all;
  for_each_row<Text, Text, Text, Number, MaybeNumber, MaybeNumber, Text, Number, Text, Text>(
      session, sql,
      [&](const Text& id, const Text& serial, const Text& product, Number online, MaybeNumber first, MaybeNumber last,
          const Text& version, Number sequence, const Text& label, const Text& note) {
        all.push_back({.device = {id, serial, product, online != 0, first, last, version, sequence},
                       .label = label,
                       .note = note,
                       .silent = last && *last < silent_before});
      });
  return all;
}

constexpr const char* kDevices =
    "SELECT id, serial, product, online, first_seen, last_seen, version, sequence, label, note FROM devices WHERE ";

// Of the last visits of devices that ended badly.
void add_visit_alerts(soci::session& sql, std::int64_t now, std::vector<Alert>& all) {
  constexpr std::int64_t kRecent = 30 * 86400;
  for_each_row<Number, Text, Text, Text, Number, Number, Text>(
      sql,
      Sql("SELECT v.id, v.device, d.serial, v.outcome, v.ended, v.error, v.version FROM visits v JOIN devices d ON "
          "d.id = "
          "v.device WHERE v.started >= ? AND v.outcome IN ('reverted', 'failed') AND NOT EXISTS (SELECT 1 FROM visits "
          "n "
          "WHERE n.device = v.device AND n.id > v.id) ORDER BY v.ended DESC LIMIT 1000",
          now - kRecent),
      [&all](Number id, const Text& device, const Text& serial, const Text& outcome, Number ended, Number error,
             const Text& version) {
        const bool is_reverted = outcome == "reverted";
        const std::string why = error == 0 ? "" : ": " + std::string(name(static_cast<Error>(error)));
        const std::string what = version.empty() ? "" : " " + version;
        all.push_back({.id = (is_reverted ? "reverted-" : "failing-") + std::to_string(id),
                       .kind = is_reverted ? "reverted" : "failing",
                       .severity = is_reverted ? "critical" : "warning",
                       .device = device,
                       .serial = serial,
                       .since = ended,
                       .message = (is_reverted ? "went back from" + (what.empty() ? " an upgrade" : what)
                                               : "its last visit failed") +
                                  why});
      });
}

void add_silent(soci::session& sql, std::int64_t silent_before, std::vector<Alert>& all) {
  for_each_row<Text, Text, Number>(
      sql,
      Sql("SELECT id, serial, last_seen FROM devices WHERE last_seen < ? ORDER BY last_seen DESC LIMIT 1000",
          silent_before),
      [&all](const Text& device, const Text& serial, Number last) {
        all.push_back({.id = "silent-" + device + "-" + std::to_string(last),
                       .kind = "silent",
                       .severity = "warning",
                       .device = device,
                       .serial = serial,
                       .since = last,
                       .message = "has said nothing since"});
      });
}

void add_refusals(soci::session& sql, std::int64_t now, std::vector<Alert>& all) {
  constexpr std::int64_t kRecent = 86400;
  for_each_row<Text, Text, Text, Number, Number>(
      sql,
      Sql("SELECT r.device, COALESCE(d.serial, ''), r.reason, r.count, r.last FROM refusals r LEFT JOIN devices d ON "
          "d.id = r.device WHERE r.last >= ? AND r.reason <> 'replayed' ORDER BY r.count DESC LIMIT 1000",
          now - kRecent),
      [&all](const Text& device, const Text& serial, const Text& reason, Number count, Number last) {
        const bool is_clock = reason == "far_future" || reason == "bad_time";
        all.push_back({.id = "refused-" + device + "-" + reason,
                       .kind = is_clock ? "clock" : "refused_messages",
                       .severity = "info",
                       .device = device,
                       .serial = serial,
                       .since = last,
                       .message = std::to_string(count) + " messages were refused: " + reason});
      });
}

int rank(const Alert& alert) {
  return alert.severity == "critical" ? 0 : alert.severity == "warning" ? 1 : 2;
}

}  // namespace

std::vector<LabelledDevice> find_devices(soci::session& sql, const DeviceFilter& filter, const std::string& after,
                                         std::size_t limit) {
  Sql query(std::string(kDevices) + "id > ?", after);
  add_filter(query, filter);
  return collect_devices(sql, query.add(" ORDER BY id LIMIT ?", limit), filter.silent_before);
}

std::int64_t count_devices(soci::session& sql, const DeviceFilter& filter) {
  Sql query("SELECT COUNT(*) FROM devices WHERE 1 = 1");
  add_filter(query, filter);
  return count(sql, query);
}

std::optional<LabelledDevice> labelled_device(soci::session& sql, const std::string& id, std::int64_t silent_before) {
  const auto all = collect_devices(sql, Sql(std::string(kDevices) + "id = ?", id), silent_before);
  return all.empty() ? std::nullopt : std::optional(all.front());
}

std::vector<Visit> visits(soci::session& sql, const std::string& device, const std::string& version,
                          std::size_t limit) {
  Sql query(
      "SELECT id, device, started, ended, version, sequence, outcome, error, reached, bytes, milliseconds FROM "
      "visits WHERE 1 = 1");
  if (!device.empty()) {
    query.add(" AND device = ?", device);
  }
  if (!version.empty()) {
    query.add(" AND version = ?", version);
  }
  std::vector<Visit> all;
  for_each_row<Number, Text, Number, MaybeNumber, Text, Number, Text, Number, Number, Number, Number>(
      sql, query.add(" ORDER BY id DESC LIMIT ?", limit),
      [&all](Number id, const Text& of, Number started, MaybeNumber ended, const Text& offered, Number sequence,
             const Text& outcome, Number error, Number reached, Number bytes, Number milliseconds) {
        all.push_back({id, of, started, ended, offered, sequence, outcome, static_cast<std::uint16_t>(error), reached,
                       bytes, milliseconds});
      });
  return all;
}

std::vector<StoredEvent> events_of_visit(soci::session& sql, std::int64_t visit) {
  std::vector<StoredEvent> all;
  for_each_row<Number, Text, Number, Number, Number, Number>(
      sql, Sql("SELECT id, kind, received, error, bytes, milliseconds FROM events WHERE visit = ? ORDER BY id", visit),
      [&all](Number id, const Text& kind, Number received, Number error, Number bytes, Number milliseconds) {
        all.push_back({.id = id,
                       .kind = kind,
                       .error = static_cast<std::uint16_t>(error),
                       .bytes = bytes,
                       .milliseconds = milliseconds,
                       .received = received});
      });
  return all;
}

Rate failure_rate(soci::session& sql, std::int64_t from, std::int64_t to) {
  const auto row = select_one<Number, MaybeNumber>(
      sql, Sql("SELECT COUNT(*), SUM(CASE WHEN outcome IN ('failed', 'reverted') THEN 1 ELSE 0 END) FROM visits WHERE "
               "started >= ? AND started < ? AND outcome NOT IN ('', 'nothing_newer')",
               from, to));
  return row ? Rate{std::get<0>(*row), std::get<1>(*row).value_or(0)} : Rate{};
}

std::vector<Alert> alerts(soci::session& sql, std::int64_t now, std::int64_t silent_before) {
  std::vector<Alert> all;
  add_visit_alerts(sql, now, all);
  add_silent(sql, silent_before, all);
  add_refusals(sql, now, all);
  std::map<std::string, std::pair<std::string, std::int64_t>> seen;
  for_each_row<Text, Text, Number>(sql, Sql("SELECT id, account, time FROM alerts_seen"),
                                   [&seen](const Text& id, const Text& user, Number time) {
                                     seen[id] = {user, time};
                                   });
  for (Alert& alert : all) {
    if (const auto found = seen.find(alert.id); found != seen.end()) {
      std::tie(alert.seen_by, alert.seen) = found->second;
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Alert& left, const Alert& right) { return rank(left) < rank(right); });
  return all;
}

std::map<std::string, std::vector<std::int64_t>> versions_at(soci::session& sql,
                                                             const std::vector<std::int64_t>& times) {
  std::map<std::string, std::vector<std::int64_t>> series;
  std::map<std::string, std::string> running;
  std::map<std::string, std::int64_t> now;
  std::size_t done = 0;
  const auto enter_until = [&](std::int64_t time) {
    for (; done < times.size() && times[done] < time; ++done) {
      for (const auto& [version, devices] : now) {
        series[version].resize(times.size());
        series[version][done] = devices;
      }
    }
  };
  for_each_row<Text, Number, Text>(
      sql,
      Sql("SELECT device, time, version FROM version_changes WHERE time <= ? ORDER BY time",
          times.empty() ? 0 : times.back()),
      [&](const Text& device, Number time, const Text& version) {
        enter_until(time);
        std::string& before = running[device];
        if (!before.empty()) {
          --now[before];
        }
        before = version;
        ++now[version];
      });
  enter_until(INT64_MAX);
  return series;
}

}  // namespace ferry::hub
