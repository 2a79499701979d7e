#include "servers/hub/api.h"

#include <algorithm>
#include <sodium.h>
#include <spdlog/spdlog.h>

#include "host/uuid.h"
#include "servers/hub/api_call.h"
#include "servers/hub/assets.h"

namespace ferry::hub {
namespace {

constexpr std::string_view kCookie = "ferry_session=";

std::vector<Route> all_routes() {
  std::vector<Route> all;
  for (const auto routes : {session_routes(), admin_routes(), device_routes(), series_routes(), fleet_routes(),
                            export_routes(), live_routes()}) {
    all.insert(all.end(), routes.begin(), routes.end());
  }
  return all;
}

bool matches(const Route& route, const std::vector<std::string>& path) {
  const auto used = std::count_if(route.path.begin(), route.path.end(), [](auto segment) { return !segment.empty(); });
  return path.size() == static_cast<std::size_t>(used) &&
         std::equal(path.begin(), path.end(), route.path.begin(), [](const std::string& got, std::string_view wanted) {
           return wanted == kAny || wanted == kDeviceId || got == wanted;
         });
}

// Those of the path, whatever their method; the first answers.
std::vector<Route> find_routes(const std::vector<std::string>& path) {
  static const std::vector<Route> all = all_routes();
  std::vector<Route> found;
  std::copy_if(all.begin(), all.end(), std::back_inserter(found),
               [&path](const Route& route) { return matches(route, path); });
  return found;
}

bool is_method(const Route& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

std::string allowed_methods(const std::vector<Route>& routes) {
  std::string all;
  for (const Route& route : routes) {
    all += (all.empty() ? "" : ", ") + std::string(route.method) + (route.method == "GET" ? ", HEAD" : "");
  }
  return all;
}

bool is_equal(std::string_view given, std::string_view expected) {
  return !expected.empty() && given.size() == expected.size() &&
         sodium_memcmp(given.data(), expected.data(), expected.size()) == 0;
}

std::string_view session_secret(std::string_view cookies) {
  while (!cookies.empty()) {
    std::string_view one = cookies.substr(0, cookies.find(';'));
    cookies.remove_prefix(std::min(cookies.size(), one.size() + 1));
    one.remove_prefix(std::min(one.size(), one.find_first_not_of(' ')));
    if (one.starts_with(kCookie)) {
      return one.substr(kCookie.size());
    }
  }
  return {};
}

Caller identify(Call& call) {
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view given = call.request.authorization;
  if (given.starts_with(scheme)) {
    const std::string_view token = given.substr(scheme.size());
    if (is_equal(token, call.context.token)) {
      return {.user = std::string(kTokenFileUser), .role = Role::kAdmin};
    }
    return call.access().token(token, call.now).value_or(Caller{});
  }
  const std::string_view secret = session_secret(call.request.cookie);
  return given.empty() && !secret.empty() ? call.access().session(secret, call.now).value_or(Caller{}) : Caller{};
}

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

// A page of somebody else's may make a browser send the cookie, but knows no token and names its own origin.
void refuse_forgery(const Call& call) {
  const std::string_view origin = call.request.origin;
  const bool is_foreign = !origin.empty() && (origin.find("://") == std::string_view::npos ||
                                              origin.substr(origin.find("://") + 3) != call.request.host);
  const bool has_session = !call.caller.session.empty();
  if (!is_safe(call.request.method) &&
      (is_foreign || (has_session && !is_equal(call.request.csrf, call.caller.csrf)))) {
    throw ApiRefusal(403, "csrf", "send the session's token in X-CSRF-Token, from the hub's own page");
  }
}

void take_arguments(Call& call, const Route& route, const std::vector<std::string>& path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (route.path.at(i) == kAny) {
      call.arguments.push_back(path[i]);
    } else if (route.path.at(i) == kDeviceId) {
      const auto id = host::parse_uuid(path[i]);
      if (!id || !call.store.device(host::to_string(*id))) {
        throw ApiRefusal(404, "not_found", "no device has this id");
      }
      call.arguments.push_back(host::to_string(*id));
    }
  }
}

bool is_of_the_api(const std::vector<std::string>& path) {
  return path[0] == "api" || path[0] == "healthz" || path[0] == "readyz" || path[0] == "metrics";
}

// The dashboard. Its own paths are the page's affair, so whatever is no file is the page.
ApiResponse serve_page(const ApiRequest& request, std::string_view path) {
  if (!is_safe(request.method)) {
    ApiResponse refused = api_error(405, "method_not_allowed", "only GET and HEAD are answered here");
    refused.allow = "GET, HEAD";
    return refused;
  }
  const Asset* asset = find_page(path);
  return {.content_type = std::string(asset->content_type), .text = std::string(asset->bytes)};
}

}  // namespace

ApiResponse api_error(unsigned status, std::string_view code, std::string_view message) {
  return {.status = status, .body = {{"error", {{"code", code}, {"message", message}}}}};
}

std::string to_text(const ApiJson& document) {
  return document.dump(-1, ' ', false, ApiJson::error_handler_t::replace);
}

Api::Api(Store& store, ApiContext& context) : store_(store), context_(context) {}

ApiResponse Api::dispatch(const ApiRequest& request) {
  Target target = parse_target(request.target);
  const auto routes = find_routes(target.path);
  if (routes.empty() && !is_of_the_api(target.path) && find_page("") != nullptr) {
    return serve_page(request, request.target.substr(0, request.target.find('?')));
  }
  Call call{.context = context_,
            .store = store_,
            .request = request,
            .now = context_.now(),
            .query = QueryReader(std::move(target.query))};
  const auto route =
      std::find_if(routes.begin(), routes.end(), [&](const Route& one) { return is_method(one, request.method); });
  call.caller = identify(call);
  // Before anything about what exists: without a login there is one answer only.
  if (call.caller.role == Role::kNobody &&
      std::none_of(routes.begin(), routes.end(), [](const Route& one) { return one.least == Role::kNobody; })) {
    return api_error(401, "unauthorized", "log in, or send an API token: Authorization: Bearer TOKEN");
  }
  if (routes.empty()) {
    return api_error(404, "not_found", "there is nothing under this path");
  }
  if (route == routes.end()) {
    ApiResponse refused =
        api_error(405, "method_not_allowed", "only " + allowed_methods(routes) + " are answered here");
    refused.allow = allowed_methods(routes);
    return refused;
  }
  if (call.caller.role == Role::kNobody && route->least != Role::kNobody) {
    return api_error(401, "unauthorized", "log in, or send an API token: Authorization: Bearer TOKEN");
  }
  if (call.caller.role < route->least) {
    return api_error(403, "forbidden", "this needs the role " + std::string(name(route->least)));
  }
  refuse_forgery(call);
  take_arguments(call, *route, target.path);
  return route->answer(call);
}

ApiResponse Api::handle(const ApiRequest& request) {
  try {
    if (request.more != nullptr) {
      return {.text = (*request.more)(store_)};
    }
    return dispatch(request);
  } catch (const BadRequest& error) {
    return api_error(400, "bad_request", error.what());
  } catch (const ApiRefusal& error) {
    return api_error(error.status(), error.code(), error.what());
  } catch (const Conflict& error) {
    return api_error(409, "conflict", error.what());
  } catch (const StoreUnavailable& error) {
    spdlog::error("{} {}: {}", request.method, request.target.substr(0, request.target.find('?')), error.what());
    return api_error(503, "unavailable", "the database does not answer; ask again");
  } catch (const std::exception& error) {
    spdlog::error("{} {}: {}", request.method, request.target.substr(0, request.target.find('?')), error.what());
    return api_error(500, "internal", "the hub could not answer; its log says why");
  }
}

}  // namespace ferry::hub
