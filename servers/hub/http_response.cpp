#include "servers/hub/http_response.h"

#include "host/bytes.h"
#include "host/crypto.h"

namespace ferry::hub {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

// Scripts and styles come from the hub and from files alone; uPlot sets styles by script, which this allows.
constexpr const char* kContentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src "
    "'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

template <typename Response>
void set_common(Response& response, bool is_tls) {
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Content-Security-Policy", kContentPolicy);
  response.set("Referrer-Policy", "no-referrer");
  response.set("Cross-Origin-Opener-Policy", "same-origin");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
  if (is_tls) {
    response.set("Strict-Transport-Security", "max-age=31536000");
  }
}

std::string entity_tag(std::string_view body) {
  constexpr std::size_t kDigits = 32;
  return "\"" + host::to_hex(host::sha256(as_bytes(body))).substr(0, kDigits) + "\"";
}

// Of a list, or "*".
bool holds_tag(std::string_view list, const std::string& tag) {
  return list.find(tag) != std::string_view::npos || list == "*";
}

HttpResponse make(ApiResponse& answer, unsigned version, bool is_tls) {
  HttpResponse response(http::int_to_status(answer.status), version);
  set_common(response, is_tls);
  if (answer.status == 204) {
    response.set(http::field::cache_control, "no-store");
  } else if (answer.content_type.empty()) {
    response.set(http::field::content_type, "application/json");
    response.set(http::field::cache_control, "no-store");
    response.body() = to_text(answer.body) + "\n";
  } else {
    response.set(http::field::content_type, answer.content_type);
    response.set(http::field::cache_control, "no-cache");
    response.body() = std::move(answer.text);
  }
  if (!answer.allow.empty()) {
    response.set(http::field::allow, answer.allow);
  }
  if (answer.status == 401) {
    response.set(http::field::www_authenticate, "Bearer");
  }
  for (const auto& [name, value] : answer.headers) {
    response.set(name, value);
  }
  return response;
}

void tag(HttpResponse& response, const HttpRequest& request) {
  if (response.result() != http::status::ok || response.count(http::field::set_cookie) != 0 ||
      (request.method() != http::verb::get && request.method() != http::verb::head)) {
    return;
  }
  const std::string etag = entity_tag(response.body());
  response.set(http::field::etag, etag);
  if (response[http::field::cache_control] == "no-store") {
    response.set(http::field::cache_control, "private, no-cache");  // kept, and asked for each time
  }
  if (holds_tag(view(request[http::field::if_none_match]), etag)) {
    response.result(http::status::not_modified);
    response.body().clear();
    response.erase(http::field::content_type);
  }
}

}  // namespace

ApiRequest to_api(const HttpRequest& request, const std::string& address) {
  return {.method = view(request.method_string()),
          .target = view(request.target()),
          .authorization = view(request[http::field::authorization]),
          .cookie = view(request[http::field::cookie]),
          .csrf = view(request["X-CSRF-Token"]),
          .origin = view(request[http::field::origin]),
          .host = view(request[http::field::host]),
          .content_type = view(request[http::field::content_type]),
          .last_event_id = view(request["Last-Event-ID"]),
          .body = request.body(),
          .address = address};
}

HttpResponse to_http(ApiResponse answer, const HttpRequest& request, bool is_tls) {
  HttpResponse response = make(answer, request.version(), is_tls);
  response.keep_alive(request.keep_alive());
  tag(response, request);
  if (request.method() == http::verb::head) {
    response.content_length(response.body().size());
    response.body().clear();
  } else if (response.result() != http::status::not_modified && response.result() != http::status::no_content) {
    response.prepare_payload();
  }
  return response;
}

HttpResponse to_http(ApiResponse answer, bool is_tls) {
  constexpr unsigned kVersion = 11;
  HttpResponse response = make(answer, kVersion, is_tls);
  response.keep_alive(false);
  response.prepare_payload();
  return response;
}

HttpHead parts_head(const ApiResponse& answer, const HttpRequest& request, bool is_tls) {
  constexpr unsigned kKnowsChunks = 11;
  HttpHead head(http::int_to_status(answer.status), request.version());
  set_common(head, is_tls);
  head.set(http::field::content_type, answer.content_type);
  head.set(http::field::cache_control, "no-store");
  for (const auto& [name, value] : answer.headers) {
    head.set(name, value);
  }
  const bool is_chunked = request.version() >= kKnowsChunks;
  head.chunked(is_chunked);
  head.keep_alive(is_chunked && request.keep_alive());
  return head;
}

HttpHead stream_head(const HttpRequest& request, bool is_tls) {
  HttpHead head(http::status::ok, request.version());
  set_common(head, is_tls);
  head.set(http::field::content_type, "text/event-stream");
  head.set(http::field::cache_control, "no-store");
  head.keep_alive(false);  // it ends with the connection
  return head;
}

}  // namespace ferry::hub
