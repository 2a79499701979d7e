#include "servers/hub/alerts.h"

#include <algorithm>
#include <fmt/format.h>

#include "device/events/event.h"
#include "servers/hub/sql.h"

namespace ferry::hub {
namespace {

using Number = std::int64_t;
using Text = std::string;

constexpr std::int64_t kRecentVisits = 30 * 86400;
constexpr std::int64_t kRecentRefusals = 86400;

// Of the last visits of devices that ended badly.
void add_troubles(soci::session& sql, std::int64_t now, std::vector<Alert>& all) {
  for_each_row<Number, Text, Text, Text, Number, Number, Text>(
      sql,
      Sql("SELECT t.visit, t.device, d.serial, t.outcome, t.ended, t.error, t.version FROM troubles t JOIN devices d "
          "ON "
          "d.id = t.device WHERE t.started >= ? ORDER BY t.ended DESC LIMIT 1000",
          now - kRecentVisits),
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

void add_outliers(soci::session& sql, std::vector<Alert>& all) {
  for_each_row<Number, Text, Text, Text, Text, double, double, Number>(
      sql,
      Sql("SELECT o.series, o.device, d.serial, o.name, o.unit, o.value, o.score, o.since FROM outliers o JOIN devices "
          "d "
          "ON d.id = o.device ORDER BY o.since DESC, o.series LIMIT 1000"),
      [&all](Number series, const Text& device, const Text& serial, const Text& name, const Text& unit, double value,
             double score, Number since) {
        all.push_back({.id = fmt::format("outlier-{}-{}", series, since),
                       .kind = "outlier",
                       .severity = "warning",
                       .device = device,
                       .serial = serial,
                       .since = since,
                       .message = fmt::format("{} is {:.6g}{}{}, unlike before (robust z-score {:.1f})", name, value,
                                              unit.empty() ? "" : " ", unit, score)});
      });
}

void add_refusals(soci::session& sql, std::int64_t now, std::vector<Alert>& all) {
  for_each_row<Text, Text, Text, Number, Number>(
      sql,
      Sql("SELECT r.device, COALESCE(d.serial, ''), r.reason, r.count, r.last FROM refusals r LEFT JOIN devices d ON "
          "d.id = r.device WHERE r.last >= ? AND r.reason <> 'replayed' ORDER BY r.count DESC LIMIT 1000",
          now - kRecentRefusals),
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

constexpr const char* kNotSeen = " AND NOT EXISTS (SELECT 1 FROM alerts_seen a WHERE a.id = ";

}  // namespace

std::vector<Alert> alerts(soci::session& sql, std::int64_t now, std::int64_t silent_before) {
  std::vector<Alert> all;
  add_troubles(sql, now, all);
  add_silent(sql, silent_before, all);
  add_outliers(sql, all);
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

// The ids are those of alerts().
std::map<std::string, std::int64_t> count_alerts(soci::session& sql, std::int64_t now, std::int64_t silent_before) {
  const auto troubles = [&](const char* outcome, const char* prefix) {
    return count(sql, Sql("SELECT COUNT(*) FROM troubles t WHERE started >= ? AND outcome = ?", now - kRecentVisits,
                          std::string(outcome))
                          .add(kNotSeen)
                          .add(prefix)
                          .add(" || t.visit)"));
  };
  const std::int64_t silent = count(sql, Sql("SELECT COUNT(*) FROM devices d WHERE last_seen < ?", silent_before)
                                             .add(kNotSeen)
                                             .add("'silent-' || d.id || '-' || d.last_seen)"));
  const std::int64_t outliers = count(sql, Sql("SELECT COUNT(*) FROM outliers o WHERE 1 = 1")
                                               .add(kNotSeen)
                                               .add("'outlier-' || o.series || '-' || o.since)"));
  const std::int64_t refused = count(
      sql, Sql("SELECT COUNT(*) FROM refusals r WHERE r.last >= ? AND r.reason <> 'replayed'", now - kRecentRefusals)
               .add(kNotSeen)
               .add("'refused-' || r.device || '-' || r.reason)"));
  return {{"critical", troubles("reverted", "'reverted-'")},
          {"warning", troubles("failed", "'failing-'") + silent + outliers},
          {"info", refused}};
}

}  // namespace ferry::hub
