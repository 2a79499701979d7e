// Devices: what they are, what they measured, what they told.
#include <cmath>

#include "servers/hub/analysis.h"
#include "servers/hub/api_call.h"
#include "servers/hub/fleet.h"
#include "servers/hub/seal_store.h"
#include "servers/hub/visit.h"

namespace ferry::hub {

// For api_export.cpp too.
DeviceFilter read_filter(Call& call) {
  DeviceFilter filter{.search = call.query.text("search"),
                      .product = call.query.text("product"),
                      .label = call.query.text("group"),
                      .version = call.query.text("version")};
  filter.online = call.query.flag("online");
  filter.silent = call.query.flag("silent");
  filter.silent_before = call.now - call.context.silent_after;
  return filter;
}

namespace {

std::int64_t silent_before(const Call& call) {
  return call.now - call.context.silent_after;
}

ApiJson device_json(const LabelledDevice& one) {
  const Device& device = one.device;
  return {{"device", device.id},
          {"serial", device.serial},
          {"product", device.product},
          {"group", one.label},
          {"note", one.note},
          {"online", device.online},
          {"silent", one.silent},
          {"first_seen", or_null(device.first_seen)},
          {"last_seen", or_null(device.last_seen)},
          {"version", text_or_null(device.version)},
          {"sequence", device.sequence == 0 ? ApiJson(nullptr) : ApiJson(device.sequence)}};
}

ApiResponse devices(Call& call) {
  const std::string after = call.query.text("after");
  const std::size_t limit = read_limit(call.query);
  const DeviceFilter filter = read_filter(call);
  call.query.finish();
  const auto found = find_devices(call.store.sql(), filter, after, limit);
  const bool is_full = found.size() == limit;
  const bool is_all = !is_full && after.empty();
  return {
      .body = {{"devices", list(found, device_json)},
               {"next", is_full ? ApiJson(found.back().device.id) : ApiJson(nullptr)},
               {"total", is_all ? static_cast<std::int64_t>(found.size()) : count_devices(call.store.sql(), filter)}}};
}

// Of the newest among the same reading's last values; nothing where there are too few.
std::optional<double> newest_score(Call& call, const Reading& reading) {
  constexpr std::int64_t kLast = 100;
  constexpr std::size_t kEnough = 8;
  std::vector<double> values;
  for_each_row<double>(call.store.sql(),
                       Sql("SELECT r.value FROM series s JOIN readings r ON r.series = s.id WHERE s.device = ? AND "
                           "s.name = ? AND r.value IS NOT NULL ORDER BY r.time DESC LIMIT ?",
                           call.arguments[0], reading.name, kLast),
                       [&values](double value) { values.push_back(value); });
  return values.size() < kEnough || !reading.value ? std::nullopt : std::optional(robust_scores(values).front());
}

ApiJson latest_json(Call& call) {
  ApiJson all = ApiJson::array();
  for (const Reading& reading : call.store.latest(call.arguments[0])) {
    ApiJson json = reading_json(reading);
    const auto score = newest_score(call, reading);
    json["outlier"] = score && std::abs(*score) > kOutlierScore;
    json["score"] = or_null(score);
    all.push_back(std::move(json));
  }
  return all;
}

ApiResponse device(Call& call) {
  call.query.finish();
  const std::string& id = call.arguments[0];
  ApiJson body = device_json(labelled_device(call.store.sql(), id, silent_before(call)).value());
  body["latest"] = latest_json(call);
  body["refused"] = counts(call.store.refusals(id));
  const SealSummary sealed = seal_summary(call.store.sql(), id);
  body["sealed"] = sealed.series == 0
                       ? ApiJson(nullptr)
                       : ApiJson{{"messages", sealed.received}, {"missing", sealed.missing}, {"series", sealed.series}};
  return {.body = std::move(body)};
}

ApiResponse label_device(Call& call) {
  constexpr std::size_t kMaxLabel = 64;
  constexpr std::size_t kMaxNote = 1000;
  const std::string& id = call.arguments[0];
  BodyReader body(call.request);
  const auto label = body.optional_text("group", kMaxLabel);
  const auto note = body.optional_text("note", kMaxNote);
  body.finish();
  if (label) {
    execute(call.store.sql(), Sql("UPDATE devices SET label = ? WHERE id = ?", *label, id));
  }
  if (note) {
    execute(call.store.sql(), Sql("UPDATE devices SET note = ? WHERE id = ?", *note, id));
  }
  make_findable(call.store.sql(), id);
  call.log("device_changed", id);
  return device(call);
}

ApiJson step_json(const StoredEvent& event) {
  return {{"kind", event.kind},
          {"time", event.received},
          {"bytes", event.bytes},
          {"milliseconds", event.milliseconds},
          {"error", event.error == 0 ? ApiJson(nullptr) : ApiJson(name(static_cast<Error>(event.error)))}};
}

// Of a visit that goes on.
ApiJson estimate(Call& call, const Visit& visit) {
  const auto usual = visit.ended ? std::nullopt : usual_times(call.store.sql());
  const auto progress = usual ? progress_of(visit, *usual, call.now) : std::nullopt;
  return progress ? to_json(visit.device, *progress) : ApiJson(nullptr);
}

ApiResponse upgrades(Call& call) {
  const std::size_t limit = read_limit(call.query);
  call.query.finish();
  ApiJson all = ApiJson::array();
  auto steps = events_of_visits(call.store.sql(), call.arguments[0], limit);
  for (const Visit& visit : visits(call.store.sql(), call.arguments[0], "", limit)) {
    all.push_back({{"device", visit.device},
                   {"version", text_or_null(visit.version)},
                   {"sequence", visit.sequence == 0 ? ApiJson(nullptr) : ApiJson(visit.sequence)},
                   {"started", visit.started},
                   {"ended", or_null(visit.ended)},
                   {"outcome", visit.outcome.empty() ? "running" : visit.outcome},
                   {"error", visit.error == 0 ? ApiJson(nullptr) : ApiJson(name(static_cast<Error>(visit.error)))},
                   {"bytes", visit.bytes},
                   {"milliseconds", visit.milliseconds},
                   {"progress", estimate(call, visit)},
                   {"steps", list(steps[visit.id], step_json)}});
  }
  return {.body = {{"upgrades", std::move(all)}}};
}

ApiResponse readings(Call& call) {
  ReadingQuery query{.device = call.arguments[0], .name = call.query.text("name")};
  query.from = call.query.number("from");
  query.to = call.query.number("to");
  query.limit = read_limit(call.query);
  call.query.finish();
  return {.body = {{"readings", list(call.store.readings(query), reading_json)}}};
}

ApiResponse events(Call& call) {
  EventQuery query{.device = call.arguments.empty() ? "" : call.arguments[0]};
  query.after = call.query.integer("after", 0, 0, INT64_MAX);
  query.limit = read_limit(call.query);
  query.kind = call.query.text("kind");
  const std::string order = call.query.text("order");
  call.query.finish();
  if (!order.empty() && order != "asc" && order != "desc") {
    throw BadRequest("\"order\" must be asc or desc");
  }
  query.is_newest_first = order == "desc";
  const auto found = call.store.events(query);
  return {.body = {{"events", list(found, [](const StoredEvent& event) { return to_json(event); })},
                   {"last", found.empty() ? query.after : found.back().id}}};
}

ApiResponse summary(Call& call) {
  call.query.finish();
  const Summary summary = call.store.summary();
  return {.body = {{"devices", summary.devices},
                   {"online", summary.online},
                   {"readings", summary.readings},
                   {"events", summary.events},
                   {"versions", counts(summary.versions)},
                   {"refused", counts(call.store.all_refusals())}}};
}

constexpr std::array kRoutes = {
    Route{"GET", {"api", "v1", "summary"}, Role::kViewer, summary},
    Route{"GET", {"api", "v1", "devices"}, Role::kViewer, devices},
    Route{"GET", {"api", "v1", "devices", kDeviceId}, Role::kViewer, device},
    Route{"PATCH", {"api", "v1", "devices", kDeviceId}, Role::kOperator, label_device},
    Route{"GET", {"api", "v1", "devices", kDeviceId, "upgrades"}, Role::kViewer, upgrades},
    Route{"GET", {"api", "v1", "devices", kDeviceId, "readings"}, Role::kViewer, readings},
    Route{"GET", {"api", "v1", "devices", kDeviceId, "events"}, Role::kViewer, events},
    Route{"GET", {"api", "v1", "events"}, Role::kViewer, events},
};

}  // namespace

ApiJson reading_json(const Reading& reading) {
  ApiJson json{{"name", reading.name}, {"unit", reading.unit}, {"time", reading.time}};
  if (reading.value) {
    json["value"] = *reading.value;
  } else {
    json["text"] = reading.text;
  }
  return json;
}

ApiJson to_json(const ReadingsReceived& received) {
  return {{"device", received.device}, {"readings", list(received.readings, reading_json)}};
}

ApiJson to_json(const std::string& device, const Progress& progress) {
  return {{"device", device},        {"phase", progress.phase},     {"done", progress.done},
          {"total", progress.total}, {"percent", progress.percent}, {"estimated", true}};
}

ApiJson to_json(const StoredEvent& event) {
  const bool has_error = event.error != 0;
  return {{"id", event.id},
          {"device", event.device},
          {"kind", event.kind},
          {"time", event.time == 0 ? ApiJson(nullptr) : ApiJson(event.time)},
          {"received", event.received},
          {"error", has_error ? ApiJson(name(static_cast<Error>(event.error))) : ApiJson(nullptr)},
          {"error_code", event.error},
          {"sequence", event.sequence == 0 ? ApiJson(nullptr) : ApiJson(event.sequence)},
          {"version", text_or_null(event.version)},
          {"bytes", event.bytes},
          {"milliseconds", event.milliseconds}};
}

std::span<const Route> device_routes() {
  return kRoutes;
}

}  // namespace ferry::hub
