// One call of the API, as the functions that answer it see it. Only api*.cpp include this.
#pragma once

#include <array>
#include <map>
#include <span>

#include "servers/hub/access.h"
#include "servers/hub/api.h"
#include "servers/hub/query.h"

namespace ferry::hub {

// Ends a call with an error; thrown by functions that answer.
class ApiRefusal : public std::runtime_error {
 public:
  ApiRefusal(unsigned status, std::string code, const std::string& message)
      : std::runtime_error(message), status_(status), code_(std::move(code)) {}
  [[nodiscard]] unsigned status() const { return status_; }
  [[nodiscard]] const std::string& code() const { return code_; }

 private:
  unsigned status_;
  std::string code_;
};

// The members of a request's body, a JSON object. Throws BadRequest, naming the member.
struct DeviceFilter;

class BodyReader {
 public:
  explicit BodyReader(const ApiRequest& request);

  [[nodiscard]] std::string text(const std::string& name, std::size_t limit);
  [[nodiscard]] std::optional<std::string> optional_text(const std::string& name, std::size_t limit);
  [[nodiscard]] std::optional<std::int64_t> optional_integer(const std::string& name, std::int64_t least,
                                                             std::int64_t most);
  [[nodiscard]] std::optional<bool> optional_flag(const std::string& name);
  void finish() const;  // whatever is left is not known

 private:
  [[nodiscard]] std::optional<nlohmann::json> take(const std::string& name);

  nlohmann::json body_;
};

struct Call {
  ApiContext& context;
  Store& store;
  const ApiRequest& request;
  std::int64_t now = 0;
  std::vector<std::string> arguments = {};  // what the path has in the place of "*"; a device's id is canonical
  QueryReader query;
  Caller caller = {};

  [[nodiscard]] Access access() { return Access(store.sql()); }
  void log(std::string_view action, std::string_view subject);
};

inline constexpr std::string_view kAny = "*";
inline constexpr std::string_view kDeviceId = "{device}";

struct Route {
  std::string_view method;
  std::array<std::string_view, 6> path;  // unused entries are empty
  Role least = Role::kViewer;            // kNobody: open to anybody
  ApiResponse (*answer)(Call& call);
};

[[nodiscard]] std::span<const Route> session_routes();
[[nodiscard]] std::span<const Route> admin_routes();
[[nodiscard]] std::span<const Route> device_routes();
[[nodiscard]] std::span<const Route> series_routes();
[[nodiscard]] std::span<const Route> fleet_routes();
[[nodiscard]] std::span<const Route> export_routes();
[[nodiscard]] std::span<const Route> live_routes();

// The pages' limit, 1 to 1000, 100 if not given.
[[nodiscard]] std::size_t read_limit(QueryReader& query);

template <typename T>
ApiJson or_null(const std::optional<T>& value) {
  return value ? ApiJson(*value) : ApiJson(nullptr);
}
inline ApiJson text_or_null(const std::string& text) {
  return text.empty() ? ApiJson(nullptr) : ApiJson(text);
}
// Search, product, group, version, online, silent.
[[nodiscard]] DeviceFilter read_filter(Call& call);
[[nodiscard]] ApiJson reading_json(const Reading& reading);
[[nodiscard]] ApiJson counts(const std::map<std::string, std::int64_t>& all);
template <typename T, typename Convert>
ApiJson list(const std::vector<T>& all, Convert convert) {
  ApiJson json = ApiJson::array();
  for (const T& one : all) {
    json.push_back(convert(one));
  }
  return json;
}

}  // namespace ferry::hub
