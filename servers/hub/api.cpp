#include "servers/hub/api.h"

#include <algorithm>
#include <array>
#include <sodium.h>
#include <spdlog/spdlog.h>

#include "host/uuid.h"
#include "servers/hub/query.h"

namespace ferry::hub {
namespace {

constexpr std::int64_t kDefaultLimit = 100;
constexpr std::int64_t kMostRows = 1000;

template <typename T>
ApiJson or_null(const std::optional<T>& value) {
  return value ? ApiJson(*value) : ApiJson(nullptr);
}

ApiJson to_json(const Device& device) {
  return {{"device", device.id},
          {"serial", device.serial},
          {"product", device.product},
          {"online", device.online},
          {"first_seen", or_null(device.first_seen)},
          {"last_seen", or_null(device.last_seen)},
          {"version", device.version.empty() ? ApiJson(nullptr) : ApiJson(device.version)},
          {"sequence", device.sequence == 0 ? ApiJson(nullptr) : ApiJson(device.sequence)}};
}

ApiJson to_json(const Reading& reading) {
  ApiJson json{{"name", reading.name}, {"unit", reading.unit}, {"time", reading.time}};
  if (reading.value) {
    json["value"] = *reading.value;
  } else {
    json["text"] = reading.text;
  }
  return json;
}

template <typename T>
ApiJson list(const std::vector<T>& all) {
  ApiJson json = ApiJson::array();
  for (const T& one : all) {
    json.push_back(to_json(one));
  }
  return json;
}

ApiJson counts(const std::map<std::string, std::int64_t>& all) {
  ApiJson json = ApiJson::object();
  for (const auto& [key, count] : all) {
    json[key] = count;
  }
  return json;
}

std::size_t read_limit(QueryReader& query) {
  return static_cast<std::size_t>(query.integer("limit", kDefaultLimit, 1, kMostRows));
}

struct Call {
  Store& store;
  std::string device;  // from the path, canonical; empty where the route has none
  QueryReader query;
};

ApiResponse healthz(Call& call) {
  call.query.finish();
  return {.body = {{"status", "ok"}}};
}

ApiResponse devices(Call& call) {
  const std::string after = call.query.text("after");
  const std::size_t limit = read_limit(call.query);
  call.query.finish();
  return {.body = {{"devices", list(call.store.devices(after, limit))}}};
}

ApiResponse device(Call& call) {
  call.query.finish();
  const auto found = call.store.device(call.device);
  ApiJson body = to_json(*found);
  body["latest"] = list(call.store.latest(call.device));
  body["refused"] = counts(call.store.refusals(call.device));
  return {.body = std::move(body)};
}

ApiResponse readings(Call& call) {
  ReadingQuery query{.device = call.device, .name = call.query.text("name")};
  query.from = call.query.number("from");
  query.to = call.query.number("to");
  query.limit = read_limit(call.query);
  call.query.finish();
  return {.body = {{"readings", list(call.store.readings(query))}}};
}

ApiResponse events(Call& call) {
  EventQuery query{.device = call.device};
  query.after = call.query.integer("after", 0, 0, INT64_MAX);
  query.limit = read_limit(call.query);
  call.query.finish();
  const auto found = call.store.events(query);
  return {.body = {{"events", list(found)}, {"last", found.empty() ? query.after : found.back().id}}};
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

constexpr std::string_view kDeviceSegment = "*";

struct Route {
  std::array<std::string_view, 5> path;  // "*": a device's id; unused entries are empty
  bool is_open;                          // to anybody
  ApiResponse (*answer)(Call& call);
};

constexpr std::array kRoutes = {
    Route{{"healthz"}, true, healthz},
    Route{{"api", "v1", "summary"}, false, summary},
    Route{{"api", "v1", "devices"}, false, devices},
    Route{{"api", "v1", "devices", kDeviceSegment}, false, device},
    Route{{"api", "v1", "devices", kDeviceSegment, "readings"}, false, readings},
    Route{{"api", "v1", "devices", kDeviceSegment, "events"}, false, events},
    Route{{"api", "v1", "events"}, false, events},
};

bool matches(const Route& route, const std::vector<std::string>& path) {
  const auto used = std::count_if(route.path.begin(), route.path.end(), [](auto segment) { return !segment.empty(); });
  return path.size() == static_cast<std::size_t>(used) &&
         std::equal(path.begin(), path.end(), route.path.begin(), [](const std::string& got, std::string_view wanted) {
           return wanted == kDeviceSegment || got == wanted;
         });
}

const Route* find_route(const std::vector<std::string>& path) {
  const auto* found =
      std::find_if(kRoutes.begin(), kRoutes.end(), [&path](const Route& route) { return matches(route, path); });
  return found == kRoutes.end() ? nullptr : found;
}

// The device that the path names, where there is one of that id; nothing otherwise.
std::optional<std::string> device_of(const Route& route, const std::vector<std::string>& path, Store& store) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (route.path.at(i) == kDeviceSegment) {
      const auto id = host::parse_uuid(path[i]);
      return id && store.device(host::to_string(*id)) ? std::optional(host::to_string(*id)) : std::nullopt;
    }
  }
  return "";
}

}  // namespace

ApiResponse api_error(unsigned status, std::string_view code, std::string_view message) {
  return {.status = status, .body = {{"error", {{"code", code}, {"message", message}}}}};
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
          {"version", event.version.empty() ? ApiJson(nullptr) : ApiJson(event.version)},
          {"bytes", event.bytes},
          {"milliseconds", event.milliseconds}};
}

std::string to_text(const ApiJson& document) {
  return document.dump(-1, ' ', false, ApiJson::error_handler_t::replace);
}

Api::Api(Store& store, std::string token) : store_(store), token_(std::move(token)) {}

bool Api::is_authorized(std::string_view authorization) const {
  constexpr std::string_view scheme = "Bearer ";
  if (!authorization.starts_with(scheme)) {
    return false;
  }
  const std::string_view given = authorization.substr(scheme.size());
  return given.size() == token_.size() && sodium_memcmp(given.data(), token_.data(), token_.size()) == 0;
}

ApiResponse Api::dispatch(const ApiRequest& request) {
  Target target = parse_target(request.target);
  const Route* route = find_route(target.path);
  // Before anything about what exists: without the token there is one answer only.
  if ((route == nullptr || !route->is_open) && !is_authorized(request.authorization)) {
    return api_error(401, "unauthorized", "send the API token: Authorization: Bearer TOKEN");
  }
  if (route == nullptr) {
    return api_error(404, "not_found", "there is nothing under this path");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    ApiResponse refused = api_error(405, "method_not_allowed", "only GET and HEAD are answered here");
    refused.allow = "GET, HEAD";
    return refused;
  }
  auto device = device_of(*route, target.path, store_);
  if (!device) {
    return api_error(404, "not_found", "no device has this id");
  }
  Call call{.store = store_, .device = std::move(*device), .query = QueryReader(std::move(target.query))};
  return route->answer(call);
}

ApiResponse Api::handle(const ApiRequest& request) {
  try {
    return dispatch(request);
  } catch (const BadRequest& error) {
    return api_error(400, "bad_request", error.what());
  } catch (const std::exception& error) {
    spdlog::error("{} {}: {}", request.method, request.target, error.what());
    return api_error(500, "internal", "the hub could not answer; its log says why");
  }
}

}  // namespace ferry::hub
