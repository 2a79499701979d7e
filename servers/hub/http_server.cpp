#include "servers/hub/http_server.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <spdlog/spdlog.h>
#include <thread>

#include "host/failure.h"

namespace ferry::hub {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

Response to_http(const ApiResponse& answer, unsigned version, bool keep_alive, bool is_head) {
  Response response(http::int_to_status(answer.status), version);
  response.set(http::field::content_type, "application/json");
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  if (!answer.allow.empty()) {
    response.set(http::field::allow, answer.allow);
  }
  if (answer.status == 401) {
    response.set(http::field::www_authenticate, "Bearer");
  }
  response.keep_alive(keep_alive);
  std::string body = to_text(answer.body) + "\n";
  if (is_head) {
    response.content_length(body.size());
  } else {
    response.body() = std::move(body);
    response.prepare_payload();
  }
  return response;
}

// What a client gets whose request cannot be read; nothing where it only went away.
std::optional<ApiResponse> refusal_of(const error_code& error) {
  if (error == http::error::header_limit) {
    return api_error(431, "header_too_large", "the header of the request is too large");
  }
  if (error == http::error::body_limit) {
    return api_error(413, "body_too_large", "the body of the request is too large");
  }
  if (error == beast::error::timeout || error == http::error::end_of_stream || error == http::error::partial_message ||
      error.category() != make_error_code(http::error::bad_version).category()) {
    return std::nullopt;
  }
  return api_error(400, "bad_request", "this is no HTTP/1.1 request");
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const std::string& address, std::uint16_t port, Handler handler, HttpLimits limits)
      : acceptor_(context_), handler_(std::move(handler)), limits_(limits) {
    error_code error;
    const auto ip = asio::ip::make_address(address, error);
    if (error) {
      throw host::Failure("{}: not an IP address to listen on", address);
    }
    try {
      const tcp::endpoint endpoint(ip, port);
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(tcp::acceptor::reuse_address(true));
      acceptor_.bind(endpoint);
      acceptor_.listen();
    } catch (const boost::system::system_error& failed) {
      throw host::Failure("cannot listen on {} port {}: {}", address, port, failed.code().message());
    }
    asio::co_spawn(context_, accept(), asio::detached);
    thread_ = std::thread([this] { context_.run(); });
  }

  ~Impl() {
    context_.stop();
    thread_.join();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  asio::awaitable<void> accept() {
    while (true) {
      error_code error;
      tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error) {  // too many open files, most likely: they become free again
        spdlog::warn("http: {}", error.message());
        asio::steady_timer pause(context_, std::chrono::milliseconds(200));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      if (connections_ < limits_.connections) {
        ++connections_;
        asio::co_spawn(context_, serve(std::move(socket)), [this](const std::exception_ptr&) { --connections_; });
      }
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer(limits_.header + limits_.body);
    bool goes_on = true;
    while (goes_on) {
      stream.expires_after(std::chrono::seconds(limits_.idle_seconds));
      http::request_parser<http::string_body> parser;
      parser.header_limit(static_cast<std::uint32_t>(limits_.header));
      parser.body_limit(limits_.body);
      error_code error;
      co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
      const auto response = error ? refuse(error) : answer(parser.get());
      if (!response) {
        break;
      }
      goes_on = !error && response->keep_alive();
      // HEAD's response has a length and no body, so it is its header alone.
      http::response_serializer<http::string_body> serializer(*response);
      if (!error && parser.get().method() == http::verb::head) {
        co_await http::async_write_header(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
      } else {
        co_await http::async_write(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
      }
      goes_on = goes_on && !error;
    }
    error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  [[nodiscard]] std::optional<Response> answer(const Request& request) const {
    const ApiResponse answer = handler_({.method = view(request.method_string()),
                                         .target = view(request.target()),
                                         .authorization = view(request[http::field::authorization])});
    return to_http(answer, request.version(), request.keep_alive(), request.method() == http::verb::head);
  }

  [[nodiscard]] static std::optional<Response> refuse(const error_code& error) {
    const auto refusal = refusal_of(error);
    return refusal ? std::optional(to_http(*refusal, 11, false, false)) : std::nullopt;
  }

  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  Handler handler_;
  HttpLimits limits_;
  std::size_t connections_ = 0;
  std::thread thread_;
};

HttpServer::HttpServer(const std::string& address, std::uint16_t port, Handler handler, HttpLimits limits)
    : impl_(std::make_unique<Impl>(address, port, std::move(handler), limits)) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const {
  return impl_->port();
}

}  // namespace ferry::hub
