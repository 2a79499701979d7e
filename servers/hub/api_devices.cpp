// Devices: what they are, what they measured, what they told.
#include "servers/hub/api_call.h"

namespace ferry::hub {
namespace {

ApiJson device_json(const Device& device) {
  return {{"device", device.id},
          {"serial", device.serial},
          {"product", device.product},
          {"online", device.online},
          {"first_seen", or_null(device.first_seen)},
          {"last_seen", or_null(device.last_seen)},
          {"version", text_or_null(device.version)},
          {"sequence", device.sequence == 0 ? ApiJson(nullptr) : ApiJson(device.sequence)}};
}

ApiJson reading_json(const Reading& reading) {
  ApiJson json{{"name", reading.name}, {"unit", reading.unit}, {"time", reading.time}};
  if (reading.value) {
    json["value"] = *reading.value;
  } else {
    json["text"] = reading.text;
  }
  return json;
}

ApiResponse healthz(Call& call) {
  call.query.finish();
  return {.body = {{"status", "ok"}}};
}

ApiResponse devices(Call& call) {
  const std::string after = call.query.text("after");
  const std::size_t limit = read_limit(call.query);
  call.query.finish();
  return {.body = {{"devices", list(call.store.devices(after, limit), device_json)}}};
}

ApiResponse device(Call& call) {
  call.query.finish();
  const std::string& id = call.arguments[0];
  ApiJson body = device_json(call.store.device(id).value());
  body["latest"] = list(call.store.latest(id), reading_json);
  body["refused"] = counts(call.store.refusals(id));
  return {.body = std::move(body)};
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
  call.query.finish();
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
    Route{"GET", {"healthz"}, Role::kNobody, healthz},
    Route{"GET", {"api", "v1", "summary"}, Role::kViewer, summary},
    Route{"GET", {"api", "v1", "devices"}, Role::kViewer, devices},
    Route{"GET", {"api", "v1", "devices", kDeviceId}, Role::kViewer, device},
    Route{"GET", {"api", "v1", "devices", kDeviceId, "readings"}, Role::kViewer, readings},
    Route{"GET", {"api", "v1", "devices", kDeviceId, "events"}, Role::kViewer, events},
    Route{"GET", {"api", "v1", "events"}, Role::kViewer, events},
};

}  // namespace

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
