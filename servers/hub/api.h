// The HTTP API without HTTP's bytes: a request in, a status and a JSON document out. docs/hub.md has the table.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "servers/hub/store.h"

namespace ferry::hub {

using ApiJson = nlohmann::ordered_json;

struct ApiRequest {
  std::string_view method;
  std::string_view target;         // path and query, as in the request line
  std::string_view authorization;  // the header's value; empty = none
};

struct ApiResponse {
  unsigned status = 200;
  ApiJson body;
  std::string allow;  // for 405
};

// Everything but /healthz needs "Authorization: Bearer <token>".
class Api {
 public:
  // `store` must outlive this object, and be used by nobody else meanwhile.
  Api(Store& store, std::string token);

  // Never throws: whatever goes wrong is a response {"error": {"code", "message"}}.
  [[nodiscard]] ApiResponse handle(const ApiRequest& request);

 private:
  [[nodiscard]] bool is_authorized(std::string_view authorization) const;
  [[nodiscard]] ApiResponse dispatch(const ApiRequest& request);

  Store& store_;
  std::string token_;
};

[[nodiscard]] ApiResponse api_error(unsigned status, std::string_view code, std::string_view message);
[[nodiscard]] ApiJson to_json(const StoredEvent& event);
// One line of UTF-8, whatever bytes are in the strings.
[[nodiscard]] std::string to_text(const ApiJson& document);

}  // namespace ferry::hub
