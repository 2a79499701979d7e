// The fleet: overview, groups, rollouts, versions, alerts.
#include <algorithm>
#include <set>

#include "servers/hub/api_call.h"
#include "servers/hub/fleet.h"
#include "servers/hub/visit.h"

namespace ferry::hub {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kMonth = 30 * kDay;
constexpr std::size_t kMostVisits = 200'000;  // of one release

using Text = std::string;
using Number = std::int64_t;
using MaybeNumber = std::optional<std::int64_t>;

std::int64_t silent_before(const Call& call) {
  return call.now - call.context.silent_after;
}

ApiJson visits_by_outcome(Call& call) {
  ApiJson json = {{"from", call.now - kDay}, {"running", 0}, {"confirmed", 0},
                  {"reverted", 0},           {"refused", 0}, {"failed", 0}};
  for_each_row<Text, Number>(
      call.store.sql(),
      Sql("SELECT outcome, COUNT(*) FROM visits WHERE started >= ? GROUP BY outcome", call.now - kDay),
      [&json](const Text& outcome, Number count) {
        const std::string key = outcome.empty() ? "running" : outcome;
        if (json.contains(key)) {
          json[key] = count;
        }
      });
  return json;
}

ApiJson alerts_by_severity(Call& call) {
  ApiJson json = {{"critical", 0}, {"warning", 0}, {"info", 0}};
  for (const Alert& alert : alerts(call.store.sql(), call.now, silent_before(call))) {
    json[alert.severity] = json[alert.severity].get<std::int64_t>() + (alert.seen_by.empty() ? 1 : 0);
  }
  return json;
}

ApiJson reading_names(Call& call) {
  ApiJson names = ApiJson::array();
  for_each_row<Text, Text, Number>(
      call.store.sql(),
      Sql("SELECT name, unit, COUNT(*) FROM series GROUP BY name, unit ORDER BY COUNT(*) DESC LIMIT 200"),
      [&names](const Text& name, const Text& unit, Number devices) {
        names.push_back({{"name", name}, {"unit", unit}, {"devices", devices}});
      });
  return names;
}

ApiResponse overview(Call& call) {
  call.query.finish();
  const Summary summary = call.store.summary();
  ApiJson versions = ApiJson::array();
  for (const auto& [version, devices] : summary.versions) {
    versions.push_back({{"version", text_or_null(version)}, {"devices", devices}});
  }
  soci::session& sql = call.store.sql();
  return {.body = {{"time", call.now},
                   {"devices", summary.devices},
                   {"online", summary.online},
                   {"silent", count(sql, Sql("SELECT COUNT(*) FROM devices WHERE last_seen < ?", silent_before(call)))},
                   {"never_seen", count(sql, Sql("SELECT COUNT(*) FROM devices WHERE last_seen IS NULL"))},
                   {"readings", summary.readings},
                   {"readings_per_second", call.context.state().readings_per_second},
                   {"events", summary.events},
                   {"versions", versions},
                   {"refused", counts(call.store.all_refusals())},
                   {"upgrades", visits_by_outcome(call)},
                   {"alerts", alerts_by_severity(call)},
                   {"reading_names", reading_names(call)}}};
}

ApiResponse groups(Call& call) {
  call.query.finish();
  std::map<std::pair<Text, Text>, ApiJson> all;
  for_each_row<Text, Text, Text, Number, Number, MaybeNumber>(
      call.store.sql(),
      Sql("SELECT product, label, version, COUNT(*), SUM(online), SUM(CASE WHEN last_seen < ? THEN 1 ELSE 0 END) FROM "
          "devices GROUP BY product, label, version",
          silent_before(call)),
      [&all](const Text& product, const Text& label, const Text& version, Number devices, Number online,
             MaybeNumber silent) {
        ApiJson& group = all[{product, label}];
        if (group.is_null()) {
          group = {{"product", product}, {"group", label}, {"devices", 0},
                   {"online", 0},        {"silent", 0},    {"versions", ApiJson::object()}};
        }
        group["devices"] = group["devices"].get<Number>() + devices;
        group["online"] = group["online"].get<Number>() + online;
        group["silent"] = group["silent"].get<Number>() + silent.value_or(0);
        group["versions"][version] = devices;
      });
  ApiJson list = ApiJson::array();
  for (const auto& [key, group] : all) {
    list.push_back(group);
  }
  return {.body = {{"groups", std::move(list)}}};
}

// What became of one release, device by device.
struct Rollout {
  std::int64_t sequence = 0;
  std::int64_t first = INT64_MAX;
  std::int64_t last = 0;
  std::map<std::string, std::int64_t> reached;  // by device, over its visits
  std::set<std::string> running;                // devices whose visit goes on
};

std::map<std::string, Rollout> rollouts(soci::session& sql, const std::string& version) {
  std::map<std::string, Rollout> all;
  Sql query(
      "SELECT version, device, MAX(sequence), MIN(started), MAX(COALESCE(ended, started)), "
      "MAX(CASE WHEN ended IS NULL THEN 1 ELSE 0 END)");
  for (int bit = 2; bit <= static_cast<int>(EventKind::kFailed); ++bit) {
    query.add(bit == 2 ? ", MAX(reached & ?)" : " + MAX(reached & ?)", std::int64_t{1} << bit);
  }
  query.add(" FROM visits WHERE version <> ''");
  if (!version.empty()) {
    query.add(" AND version = ?", version);
  }
  for_each_row<Text, Text, Number, Number, Number, Number, Number>(
      sql, query.add(" GROUP BY version, device"),
      [&all](const Text& of, const Text& device, Number sequence, Number first, Number last, Number runs,
             Number reached) {
        Rollout& rollout = all[of];
        rollout.sequence = std::max(rollout.sequence, sequence);
        rollout.first = std::min(rollout.first, first);
        rollout.last = std::max(rollout.last, last);
        rollout.reached[device] = reached;
        if (runs != 0) {
          rollout.running.insert(device);
        }
      });
  return all;
}

ApiJson funnel(const Rollout& rollout) {
  ApiJson json = ApiJson::object();
  for (const EventKind kind :
       {EventKind::kWindow, EventKind::kJump, EventKind::kRefused, EventKind::kDownloading, EventKind::kDownloaded,
        EventKind::kBurnt, EventKind::kTrial, EventKind::kConfirmed, EventKind::kReverted, EventKind::kFailed}) {
    json[std::string(name(kind))] =
        std::count_if(rollout.reached.begin(), rollout.reached.end(),
                      [kind](const auto& one) { return (one.second & reached_bit(kind)) != 0; });
  }
  return json;
}

ApiJson release_json(const std::string& version, const Rollout& rollout, const Summary& summary) {
  const auto found = summary.versions.find(version);
  const std::int64_t running = found == summary.versions.end() ? 0 : found->second;
  return {{"version", version},
          {"sequence", rollout.sequence == 0 ? ApiJson(nullptr) : ApiJson(rollout.sequence)},
          {"first_seen", rollout.first},
          {"last_seen", rollout.last},
          {"running", running},
          {"share", summary.devices == 0 ? 0.0 : static_cast<double>(running) / static_cast<double>(summary.devices)},
          {"in_progress", rollout.running.size()},
          {"funnel", funnel(rollout)}};
}

ApiResponse releases(Call& call) {
  call.query.finish();
  const Summary summary = call.store.summary();
  const auto all = rollouts(call.store.sql(), "");
  std::vector<std::pair<std::string, Rollout>> sorted(all.begin(), all.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& left, const auto& right) { return left.second.first > right.second.first; });
  return {.body = {{"releases", list(sorted, [&summary](const auto& one) {
                      return release_json(one.first, one.second, summary);
                    })}}};
}

ApiJson reasons(Call& call, const std::string& version) {
  ApiJson all = ApiJson::array();
  for_each_row<Text, Number, Number, Number>(
      call.store.sql(),
      Sql("SELECT outcome, error, COUNT(DISTINCT device), COUNT(*) FROM visits WHERE version = ? AND outcome IN "
          "('refused', 'reverted', 'failed') GROUP BY outcome, error ORDER BY COUNT(*) DESC",
          version),
      [&all](const Text& outcome, Number error, Number devices, Number events) {
        all.push_back({{"kind", outcome},
                       {"error", error == 0 ? ApiJson(nullptr) : ApiJson(name(static_cast<Error>(error)))},
                       {"devices", devices},
                       {"events", events}});
      });
  return all;
}

struct StepNumbers {
  std::vector<double> milliseconds;
  std::vector<double> bytes;
  double total_milliseconds = 0;
  double total_bytes = 0;
};

ApiJson steps(Call& call, const std::string& version) {
  std::map<Text, StepNumbers> all;
  for_each_row<Text, double, double>(
      call.store.sql(),
      Sql("SELECT e.kind, e.milliseconds, e.bytes FROM visits v JOIN events e ON e.visit = v.id WHERE v.version = ? "
          "AND "
          "e.kind IN ('refused', 'downloading', 'downloaded', 'burnt', 'confirmed', 'reverted', 'failed') LIMIT ?",
          version, kMostVisits),
      [&all](const Text& kind, double milliseconds, double bytes) {
        StepNumbers& step = all[kind];
        step.milliseconds.push_back(milliseconds);
        step.bytes.push_back(bytes);
        step.total_milliseconds += milliseconds;
        step.total_bytes += bytes;
      });
  ApiJson json = ApiJson::array();
  for (const char* kind : {"refused", "downloading", "downloaded", "burnt", "confirmed", "reverted", "failed"}) {
    if (const auto found = all.find(kind); found != all.end()) {
      const StepNumbers& step = found->second;
      const auto size = static_cast<double>(step.bytes.size());
      json.push_back({{"step", kind},
                      {"count", step.bytes.size()},
                      {"mean_milliseconds", step.total_milliseconds / size},
                      {"median_milliseconds", median(step.milliseconds)},
                      {"p95_milliseconds", percentile(step.milliseconds, 0.95)},
                      {"mean_bytes", step.total_bytes / size},
                      {"p95_bytes", percentile(step.bytes, 0.95)}});
    }
  }
  return json;
}

ApiJson progress(Call& call, const std::string& version) {
  std::map<Number, std::map<Text, Number>> hours;
  for_each_row<Number, Text, Number>(
      call.store.sql(),
      Sql("SELECT ended / ? * ? AS hour, outcome, COUNT(DISTINCT device) FROM visits WHERE version = ? AND outcome IN "
          "('confirmed', 'reverted', 'refused') GROUP BY hour, outcome",
          kHour, kHour, version),
      [&hours](Number hour, const Text& outcome, Number devices) { hours[hour][outcome] += devices; });
  std::map<Text, Number> sums;
  ApiJson json = ApiJson::array();
  for (const auto& [hour, outcomes] : hours) {
    for (const auto& [outcome, devices] : outcomes) {
      sums[outcome] += devices;
    }
    json.push_back({{"time", hour},
                    {"confirmed", sums["confirmed"]},
                    {"reverted", sums["reverted"]},
                    {"refused", sums["refused"]}});
  }
  return json;
}

ApiJson rate_json(const Rate& rate) {
  const Span interval = wilson(rate);
  const auto or_none = [&](double number) { return rate.attempts == 0 ? ApiJson(nullptr) : ApiJson(number); };
  return {{"attempts", rate.attempts},
          {"failures", rate.failures},
          {"rate", or_none(rate.share())},
          {"low", or_none(interval.from)},
          {"high", or_none(interval.to)}};
}

ApiJson comparison(Call& call, std::int64_t first) {
  const std::int64_t span = std::clamp<std::int64_t>(call.now + 1 - first, 1, kMonth);
  const Rate before = failure_rate(call.store.sql(), first - span, first);
  const Rate after = failure_rate(call.store.sql(), first, first + span);
  const bool is_known = before.attempts > 0 && after.attempts > 0;
  const Span interval = newcombe(before, after);
  const auto or_none = [&](double number) { return is_known ? ApiJson(number) : ApiJson(nullptr); };
  return {{"before", rate_json(before)},
          {"after", rate_json(after)},
          {"difference", or_none(after.share() - before.share())},
          {"low", or_none(interval.from)},
          {"high", or_none(interval.to)},
          {"significant", is_known && (interval.from > 0 || interval.to < 0)}};
}

ApiResponse release(Call& call) {
  call.query.finish();
  const std::string& version = call.arguments[0];
  const auto all = version.empty() ? std::map<std::string, Rollout>{} : rollouts(call.store.sql(), version);
  if (all.empty()) {
    throw ApiRefusal(404, "not_found", "no device was ever offered this version");
  }
  const Rollout& rollout = all.begin()->second;
  ApiJson body = release_json(version, rollout, call.store.summary());
  body["reasons"] = reasons(call, version);
  body["steps"] = steps(call, version);
  body["progress"] = progress(call, version);
  body["comparison"] = comparison(call, rollout.first);
  return {.body = std::move(body)};
}

ApiResponse versions(Call& call) {
  constexpr std::int64_t kMostPoints = 1000;
  const auto to =
      static_cast<std::int64_t>(std::clamp(call.query.number("to").value_or(static_cast<double>(call.now)), 0.0, 1e11));
  const auto from = static_cast<std::int64_t>(
      std::clamp(call.query.number("from").value_or(static_cast<double>(to - kMonth)), 0.0, 1e11));
  const std::string text = call.query.text("resolution");
  call.query.finish();
  const bool is_auto = text.empty() || text == "auto";
  const std::int64_t width = text == "hour" || (is_auto && (to - from) / kHour <= kMostPoints) ? kHour : kDay;
  if ((!is_auto && text != "hour" && text != "day") || from > to || (to - from) / width > kMostPoints * 5) {
    throw BadRequest("\"resolution\" must be auto, hour or day, \"from\" before \"to\", and not too long before");
  }
  std::vector<std::int64_t> times;
  for (std::int64_t time = from / width * width; time <= to; time += width) {
    times.push_back(time);
  }
  return {.body = {{"resolution", width == kHour ? "hour" : "day"},
                   {"time", times},
                   {"versions", versions_at(call.store.sql(), times)}}};
}

ApiJson alert_json(const Alert& alert) {
  ApiJson seen = nullptr;
  if (!alert.seen_by.empty()) {
    seen = {{"user", alert.seen_by}, {"time", alert.seen}};
  }
  return {{"id", alert.id},
          {"kind", alert.kind},
          {"severity", alert.severity},
          {"device", text_or_null(alert.device)},
          {"serial", alert.serial},
          {"since", alert.since},
          {"message", alert.message},
          {"acknowledged", seen}};
}

ApiResponse list_alerts(Call& call) {
  const std::string kind = call.query.text("kind");
  const std::size_t limit = read_limit(call.query);
  call.query.finish();
  auto all = alerts(call.store.sql(), call.now, silent_before(call));
  std::erase_if(all, [&kind](const Alert& alert) { return !kind.empty() && alert.kind != kind; });
  all.resize(std::min(all.size(), limit));
  return {.body = {{"alerts", list(all, alert_json)}}};
}

ApiResponse acknowledge(Call& call) {
  call.query.finish();
  const std::string& id = call.arguments[0];
  const auto all = alerts(call.store.sql(), call.now, silent_before(call));
  if (std::none_of(all.begin(), all.end(), [&id](const Alert& alert) { return alert.id == id; })) {
    throw ApiRefusal(404, "not_found", "there is no alert of this id now");
  }
  execute(call.store.sql(), Sql("INSERT INTO alerts_seen (id, account, time) VALUES (?, ?, ?) ON CONFLICT (id) DO "
                                "UPDATE SET account = excluded.account, time = excluded.time",
                                id, call.caller.user, call.now));
  call.log("alert_acknowledged", id);
  return {.status = 204, .body = {}};
}

constexpr std::array kRoutes = {
    Route{"GET", {"api", "v1", "overview"}, Role::kViewer, overview},
    Route{"GET", {"api", "v1", "groups"}, Role::kViewer, groups},
    Route{"GET", {"api", "v1", "releases"}, Role::kViewer, releases},
    Route{"GET", {"api", "v1", "releases", kAny}, Role::kViewer, release},
    Route{"GET", {"api", "v1", "versions"}, Role::kViewer, versions},
    Route{"GET", {"api", "v1", "alerts"}, Role::kViewer, list_alerts},
    Route{"POST", {"api", "v1", "alerts", kAny, "acknowledge"}, Role::kOperator, acknowledge},
};

}  // namespace

std::span<const Route> fleet_routes() {
  return kRoutes;
}

}  // namespace ferry::hub
