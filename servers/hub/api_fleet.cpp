// The fleet: overview, groups, rollouts, versions, alerts.
#include <algorithm>

#include "servers/hub/alerts.h"
#include "servers/hub/analysis.h"
#include "servers/hub/api_call.h"
#include "servers/hub/fleet.h"
#include "servers/hub/rollout.h"

namespace ferry::hub {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kMonth = 30 * kDay;
constexpr std::size_t kMostVisits = 500;  // the newest of a release, which its times and bytes are worked out from

using Text = std::string;
using Number = std::int64_t;
using MaybeNumber = std::optional<std::int64_t>;

std::int64_t silent_before(const Call& call) {
  return call.now - call.context.silent_after;
}

ApiJson upgrades_of_the_day(Call& call) {
  ApiJson json = {{"from", call.now - kDay}, {"running", 0}, {"confirmed", 0},
                  {"reverted", 0},           {"refused", 0}, {"failed", 0}};
  for (const auto& [outcome, visits] : visits_by_outcome(call.store.sql(), call.now - kDay, call.now + kDay)) {
    const std::string key = outcome.empty() ? "running" : outcome;
    if (json.contains(key)) {
      json[key] = visits;
    }
  }
  return json;
}

ApiJson alerts_by_severity(Call& call) {
  const auto all = count_alerts(call.store.sql(), call.now, silent_before(call));
  ApiJson json = ApiJson::object();
  for (const char* severity : {"critical", "warning", "info"}) {
    json[severity] = all.at(severity);
  }
  return json;
}

// A name has one unit nearly everywhere; one of them is given.
ApiJson reading_names(Call& call) {
  ApiJson names = ApiJson::array();
  for_each_row<Text, Text, Number>(
      call.store.sql(),
      Sql("SELECT t.key, COALESCE((SELECT MAX(s.unit) FROM series s WHERE s.name = t.key), ''), t.value FROM tallies t "
          "WHERE t.name = ? ORDER BY t.value DESC, t.key LIMIT 200",
          std::string(kTallyReading)),
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
  const Silence silence = count_silent(call.store.sql(), silent_before(call));
  return {.body = {{"time", call.now},
                   {"devices", summary.devices},
                   {"online", summary.online},
                   {"silent", silence.silent},
                   {"never_seen", silence.never_seen},
                   {"readings", summary.readings},
                   {"readings_per_second", call.context.state().readings_per_second},
                   {"events", summary.events},
                   {"versions", versions},
                   {"refused", counts(call.store.all_refusals())},
                   {"upgrades", upgrades_of_the_day(call)},
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

std::int64_t devices_at(const Rollout& rollout, const std::string& step) {
  const auto found = rollout.devices.find(step);
  return found == rollout.devices.end() ? 0 : found->second;
}

ApiJson funnel(const Rollout& rollout) {
  ApiJson json = ApiJson::object();
  for (const EventKind kind :
       {EventKind::kWindow, EventKind::kJump, EventKind::kRefused, EventKind::kDownloading, EventKind::kDownloaded,
        EventKind::kBurnt, EventKind::kTrial, EventKind::kConfirmed, EventKind::kReverted, EventKind::kFailed}) {
    const std::string step(name(kind));
    json[step] = devices_at(rollout, step);
  }
  return json;
}

ApiJson release_json(const Rollout& rollout, const Summary& summary) {
  const auto found = summary.versions.find(rollout.version);
  const std::int64_t running = found == summary.versions.end() ? 0 : found->second;
  return {{"version", rollout.version},
          {"sequence", rollout.sequence == 0 ? ApiJson(nullptr) : ApiJson(rollout.sequence)},
          {"first_seen", rollout.first},
          {"last_seen", rollout.last},
          {"running", running},
          {"share", summary.devices == 0 ? 0.0 : static_cast<double>(running) / static_cast<double>(summary.devices)},
          {"in_progress", devices_at(rollout, "running")},
          {"funnel", funnel(rollout)}};
}

ApiResponse releases(Call& call) {
  call.query.finish();
  const Summary summary = call.store.summary();
  return {.body = {{"releases", list(rollouts(call.store.sql(), ""),
                                     [&summary](const Rollout& one) { return release_json(one, summary); })}}};
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
      Sql("SELECT e.kind, e.milliseconds, e.bytes FROM (SELECT id FROM visits WHERE version = ? AND started > 0 ORDER "
          "BY started DESC "
          "LIMIT ?) v JOIN events e ON e.visit = v.id WHERE e.kind IN ('refused', 'downloading', 'downloaded', "
          "'burnt', "
          "'confirmed', 'reverted', 'failed')",
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
  ApiJson json = ApiJson::array();
  for (const auto& [hour, devices] : rollout_hours(call.store.sql(), version)) {
    ApiJson point = {{"time", hour}};
    for (const char* kind : {"confirmed", "reverted", "refused"}) {
      const auto found = devices.find(kind);
      point[kind] = found == devices.end() ? 0 : found->second;
    }
    json.push_back(std::move(point));
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
  const auto all = version.empty() ? std::vector<Rollout>{} : rollouts(call.store.sql(), version);
  if (all.empty()) {
    throw ApiRefusal(404, "not_found", "no device was ever offered this version");
  }
  ApiJson body = release_json(all.front(), call.store.summary());
  body["reasons"] = reasons(call, version);
  body["steps"] = steps(call, version);
  body["progress"] = progress(call, version);
  body["comparison"] = comparison(call, all.front().first);
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

ApiResponse list_alerts(Call& call) {
  const std::string kind = call.query.text("kind");
  const std::size_t limit = read_limit(call.query);
  call.query.finish();
  auto all = alerts(call.store.sql(), call.now, silent_before(call));
  std::erase_if(all, [&kind](const Alert& alert) { return !kind.empty() && alert.kind != kind; });
  all.resize(std::min(all.size(), limit));
  return {.body = {{"alerts", list(all, [](const Alert& alert) { return to_json(alert); })}}};
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

ApiJson to_json(const Alert& alert) {
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

std::span<const Route> fleet_routes() {
  return kRoutes;
}

}  // namespace ferry::hub
