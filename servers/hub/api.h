// The HTTP API without HTTP's bytes: a request in, a status and a document out. openapi.json says what there is.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "servers/hub/alerts.h"
#include "servers/hub/live.h"
#include "servers/hub/progress.h"
#include "servers/hub/store.h"
#include "servers/hub/throttle.h"

namespace ferry::hub {

using ApiJson = nlohmann::ordered_json;

// The next part of an answer that comes in parts; empty: that was all. Called by one thread at a time, with any store.
// Throws what questions to the store throw.
using ApiParts = std::function<std::string(Store&)>;

struct ApiRequest {
  std::string_view method;
  std::string_view target;  // path and query, as in the request line
  // Values of headers; empty = none.
  std::string_view authorization;
  std::string_view cookie;
  std::string_view csrf;  // X-CSRF-Token
  std::string_view origin;
  std::string_view host;
  std::string_view content_type;
  std::string_view last_event_id;
  std::string_view body;
  std::string address;             // of the client
  const ApiParts* more = nullptr;  // this is about a request that was answered before: its next part
};

// An answer that never ends: server-sent events.
struct StreamRequest {
  std::string device;          // empty: all
  std::int64_t after = 0;      // the last event that was told
  std::uint64_t position = 0;  // in Live
};

struct ApiResponse {
  unsigned status = 200;
  ApiJson body;
  std::string allow = {};         // for 405
  std::string content_type = {};  // empty: JSON, of `body`; else `text` is the answer
  std::string text = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::optional<StreamRequest> stream = {};
  ApiParts more = {};  // set: these follow `text`
};

// What the hub is doing, for /readyz, /metrics and the overview.
struct HubState {
  bool is_broker_connected = false;
  bool has_duties = false;    // rolls up and lets go, for all hubs of the database
  std::int64_t messages = 0;  // since the start, stored and acknowledged
  std::int64_t batches = 0;
  std::int64_t readings = 0;
  double readings_per_second = 0;  // in the last minute
};

// What all the threads that answer share.
struct ApiContext {
  std::string token;       // the hub's own, an admin's; empty: none
  std::string setup_code;  // of the one-time link; empty: none is taken
  bool is_tls = false;
  std::int64_t silent_after = 86400;  // seconds
  std::function<std::int64_t()> now;  // UTC seconds
  std::function<HubState()> state = [] { return HubState{.is_broker_connected = true}; };
  Live* live = nullptr;
  Throttle by_user = {};
  Throttle by_address = {};
};

class Api {
 public:
  // `store` and `context` must outlive this object; `store` is used by nobody else meanwhile.
  Api(Store& store, ApiContext& context);

  // Never throws: whatever goes wrong is a response {"error": {"code", "message"}}.
  [[nodiscard]] ApiResponse handle(const ApiRequest& request);

 private:
  [[nodiscard]] ApiResponse dispatch(const ApiRequest& request);

  Store& store_;
  ApiContext& context_;
};

[[nodiscard]] ApiResponse api_error(unsigned status, std::string_view code, std::string_view message);
[[nodiscard]] ApiJson to_json(const StoredEvent& event);
[[nodiscard]] ApiJson to_json(const ReadingsReceived& received);
[[nodiscard]] ApiJson to_json(const Alert& alert);
[[nodiscard]] ApiJson to_json(const std::string& device, const Progress& progress);
// One line of UTF-8, whatever bytes are in the strings.
[[nodiscard]] std::string to_text(const ApiJson& document);

}  // namespace ferry::hub
