// Answers of the API as HTTP has them: headers that browsers obey, entity tags.
#pragma once

#include <boost/beast/http.hpp>

#include "servers/hub/api.h"

namespace ferry::hub {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;
using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

// The views of it live as long as `request`.
[[nodiscard]] ApiRequest to_api(const HttpRequest& request, const std::string& address);
// With an entity tag, or as 304 where the client has the same already. HEAD: without a body, its length all the same.
[[nodiscard]] HttpResponse to_http(ApiResponse answer, const HttpRequest& request, bool is_tls);
// To a request that could not be read: the connection ends.
[[nodiscard]] HttpResponse to_http(ApiResponse answer, bool is_tls);
using HttpHead = boost::beast::http::response<boost::beast::http::empty_body>;
// The head of an answer that comes in parts: chunked, or to the end of the connection where the client knows no chunks.
[[nodiscard]] HttpHead parts_head(const ApiResponse& answer, const HttpRequest& request, bool is_tls);
// The head of an answer that never ends.
[[nodiscard]] HttpHead stream_head(const HttpRequest& request, bool is_tls);

}  // namespace ferry::hub
