// What is asked again and again, or never ends: health, metrics, the stream of news; and the API's document.
#include <charconv>
#include <fmt/format.h>

#include "servers/hub/api_call.h"
#include "servers/hub/assets.h"
#include "servers/hub/fleet.h"
#include "servers/hub/live.h"
#include "servers/hub/rollout.h"
#include "servers/hub/schema.h"

namespace ferry::hub {
namespace {

ApiResponse healthz(Call& call) {
  call.query.finish();
  return {.body = {{"status", "ok"}}};
}

// What the store has to say; empty: it answers, and is at the step of the schema that this program speaks.
std::string fault_of(Store& store) {
  try {
    const std::int64_t step = count(store.sql(), Sql("SELECT MAX(number) FROM migrations"));
    const auto spoken = static_cast<std::int64_t>(migrations().size());
    return step == spoken ? "" : fmt::format("the schema is at step {}, this program speaks {}", step, spoken);
  } catch (const soci::soci_error& error) {
    return error.what();
  } catch (const StoreError& error) {
    return error.what();
  }
}

ApiResponse readyz(Call& call) {
  call.query.finish();
  const HubState state = call.context.state();
  const std::string fault = fault_of(call.store);
  const bool is_ready = state.is_broker_connected && fault.empty();
  return {.status = is_ready ? 200U : 503U,
          .body = {{"status", is_ready ? "ready" : "not ready"},
                   {"store", fault.empty()},
                   {"store_fault", text_or_null(fault)},
                   {"broker", state.is_broker_connected},
                   {"duties", state.has_duties}}};
}

ApiResponse document(Call& call) {
  call.query.finish();
  const Asset* asset = find_asset("/api/v1/openapi.json");
  return {.content_type = std::string(asset->content_type), .text = std::string(asset->bytes)};
}

class Metrics {
 public:
  template <typename Value>
  void add(const char* name, const char* type, const char* help, Value value) {
    begin(name, type, help);
    text_ += fmt::format("{} {}\n", name, value);
  }
  void add(const char* name, const char* help, const char* label, const std::map<std::string, std::int64_t>& values,
           const char* type = "gauge") {
    begin(name, type, help);
    for (const auto& [key, value] : values) {
      text_ += fmt::format("{}{{{}=\"{}\"}} {}\n", name, label, escaped(key), value);
    }
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void begin(const char* name, const char* type, const char* help) {
    text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  static std::string escaped(const std::string& text) {
    std::string safe;
    for (const char c : text) {
      safe += c == '\n' ? std::string("\\n") : c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    }
    return safe;
  }

  std::string text_;
};

Counts upgrades_of_the_day(Call& call) {
  constexpr std::int64_t kDay = 86400;
  Counts all = {{"running", 0}, {"confirmed", 0}, {"reverted", 0}, {"refused", 0}, {"failed", 0}, {"nothing_newer", 0}};
  for (const auto& [outcome, visits] : visits_by_outcome(call.store.sql(), call.now - kDay, call.now + kDay)) {
    all[outcome.empty() ? "running" : outcome] = visits;
  }
  return all;
}

ApiResponse metrics(Call& call) {
  call.query.finish();
  const Summary summary = call.store.summary();
  const HubState state = call.context.state();
  Metrics all;
  all.add("ferry_hub_devices", "gauge", "Devices that are known.", summary.devices);
  all.add("ferry_hub_devices_online", "gauge", "Devices that are connected.", summary.online);
  all.add("ferry_hub_devices_by_version", "Devices by the version that they run.", "version", summary.versions);
  all.add("ferry_hub_stored_readings_total", "counter", "Readings that were ever stored.", summary.readings);
  all.add("ferry_hub_stored_events", "gauge", "Events in the store.", summary.events);
  all.add("ferry_hub_refused_messages_total", "Messages that were refused.", "reason", call.store.all_refusals(),
          "counter");
  const std::int64_t silent_before = call.now - call.context.silent_after;
  const Silence silence = count_silent(call.store.sql(), silent_before);
  all.add("ferry_hub_devices_silent", "gauge", "Devices that said nothing for long.", silence.silent);
  all.add("ferry_hub_devices_never_seen", "gauge", "Devices that never said anything.", silence.never_seen);
  all.add("ferry_hub_alerts", "Alerts that nobody has seen.", "severity",
          count_alerts(call.store.sql(), call.now, silent_before));
  all.add("ferry_hub_upgrades_of_the_day", "Visits to the FTP server that began within 24 hours.", "outcome",
          upgrades_of_the_day(call));
  all.add("ferry_hub_ingest_messages_total", "counter", "Messages stored since the start.", state.messages);
  all.add("ferry_hub_ingest_readings_total", "counter", "Readings taken since the start.", state.readings);
  all.add("ferry_hub_ingest_batches_total", "counter", "Transactions since the start.", state.batches);
  all.add("ferry_hub_duties", "gauge", "1 while this hub rolls up and lets go, for all that share its database.",
          state.has_duties ? 1 : 0);
  all.add("ferry_hub_broker_connected", "gauge", "1 while the hub is subscribed at its broker.",
          state.is_broker_connected ? 1 : 0);
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .text = all.take()};
}

std::optional<std::int64_t> last_event_id(const Call& call) {
  const std::string_view text = call.request.last_event_id;
  std::int64_t id = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
  return !text.empty() && parsed.ec == std::errc{} && id >= 0 ? std::optional(id) : std::nullopt;
}

// What is in the store already comes first; who has missed more than this asks /events.
constexpr std::size_t kMostMissed = 1000;

ApiResponse stream(Call& call) {
  StreamRequest at{.device = call.query.text("device")};
  const std::int64_t after = call.query.integer("after", -1, 0, INT64_MAX);
  call.query.finish();
  if (!at.device.empty() && !call.store.device(at.device)) {
    throw ApiRefusal(404, "not_found", "no device has this id");
  }
  at.position = call.context.live == nullptr ? 0 : call.context.live->position();
  at.after = last_event_id(call).value_or(after);
  std::string text = ": the news\n\n";
  if (at.after >= 0) {
    for (const StoredEvent& event : call.store.events({.device = at.device, .after = at.after, .limit = kMostMissed})) {
      text += to_stream({.kind = "device", .device = event.device, .id = event.id, .data = to_text(to_json(event))});
      at.after = event.id;
    }
  }
  return {.text = std::move(text), .stream = std::move(at)};
}

constexpr std::array kRoutes = {
    Route{"GET", {"healthz"}, Role::kNobody, healthz},
    Route{"GET", {"readyz"}, Role::kViewer, readyz},
    Route{"GET", {"metrics"}, Role::kViewer, metrics},
    Route{"GET", {"api", "v1", "openapi.json"}, Role::kViewer, document},
    Route{"GET", {"api", "v1", "stream"}, Role::kViewer, stream},
};

}  // namespace

std::span<const Route> live_routes() {
  return kRoutes;
}

}  // namespace ferry::hub
