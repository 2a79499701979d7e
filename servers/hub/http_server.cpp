#include "servers/hub/http_server.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <mutex>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <spdlog/spdlog.h>
#include <thread>

#include "host/failure.h"
#include "servers/hub/http_response.h"

namespace ferry::hub {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

auto quiet(error_code& error) {
  return asio::redirect_error(asio::use_awaitable, error);
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

bool is_plain_http(const error_code& error) {
  return error.category() == asio::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST;
}

std::unique_ptr<ssl::context> make_tls(const TlsFiles& files) {
  if (files.certificate.empty() && files.key.empty()) {
    return nullptr;
  }
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  context->set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  error_code error;
  context->use_certificate_chain_file(files.certificate.string(), error);
  if (error) {
    throw host::Failure("{}: no PEM certificate: {}", files.certificate.string(), error.message());
  }
  context->use_private_key_file(files.key.string(), ssl::context::pem, error);
  if (error) {
    throw host::Failure("{}: no PEM key of that certificate: {}", files.key.string(), error.message());
  }
  return context;
}

// While it lives, readings of the device are told.
class Watch {
 public:
  Watch(Live* live, std::string device) : live_(device.empty() ? nullptr : live), device_(std::move(device)) {
    if (live_ != nullptr) {
      live_->watch(device_);
    }
  }
  ~Watch() {
    if (live_ != nullptr) {
      live_->unwatch(device_);
    }
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  Live* live_;
  std::string device_;
};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const std::string& address, std::uint16_t port, Handlers handlers, HttpLimits limits, const TlsFiles& tls,
       Live* live)
      : acceptor_(context_),
        handlers_(std::move(handlers)),
        limits_(limits),
        tls_(make_tls(tls)),
        live_(live),
        answerers_(handlers_.size()) {
    for (const Handler& handler : handlers_) {
      free_.push_back(&handler);
    }
    listen(address, port);
    if (live_ != nullptr) {
      live_->on_news([this] { wake_streams(); });
    }
    asio::co_spawn(context_, accept(), asio::detached);
    thread_ = std::thread([this] { context_.run(); });
  }

  ~Impl() {
    if (live_ != nullptr) {
      live_->on_news({});
    }
    context_.stop();
    thread_.join();
    answerers_.join();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void listen(const std::string& address, std::uint16_t port) {
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
  }

  asio::awaitable<void> accept() {
    while (true) {
      error_code error;
      tcp::socket socket = co_await acceptor_.async_accept(quiet(error));
      if (error) {  // too many open files, most likely: they become free again
        spdlog::warn("http: {}", error.message());
        asio::steady_timer pause(context_, std::chrono::milliseconds(200));
        co_await pause.async_wait(quiet(error));
        continue;
      }
      if (connections_ < limits_.connections) {
        ++connections_;
        asio::co_spawn(context_, greet(std::move(socket)), [this](const std::exception_ptr&) { --connections_; });
      }
    }
  }

  asio::awaitable<void> greet(tcp::socket socket) {
    error_code error;
    const auto peer = socket.remote_endpoint(error);
    const std::string address = error ? "" : peer.address().to_string();
    socket.set_option(tcp::no_delay(true), error);
    if (!tls_) {
      PlainStream stream(std::move(socket));
      co_await serve(stream, address);
      stream.socket().shutdown(tcp::socket::shutdown_send, error);
      co_return;
    }
    TlsStream stream(std::move(socket), *tls_);
    beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(limits_.idle_seconds));
    co_await stream.async_handshake(ssl::stream_base::server, quiet(error));
    if (is_plain_http(error)) {
      HttpResponse refusal = to_http(api_error(400, "bad_request", "this port speaks HTTPS: ask https://"), false);
      co_await send(stream.next_layer(), refusal, false);
      stream.next_layer().socket().shutdown(tcp::socket::shutdown_send, error);
      co_return;
    }
    if (!error) {
      co_await serve(stream, address);
      beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(1));
      co_await stream.async_shutdown(quiet(error));
    }
  }

  template <typename Stream>
  asio::awaitable<void> serve(Stream& stream, const std::string& address) {
    beast::flat_buffer buffer(limits_.header + limits_.body);
    bool goes_on = true;
    while (goes_on) {
      beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(limits_.idle_seconds));
      http::request_parser<http::string_body> parser;
      parser.header_limit(static_cast<std::uint32_t>(limits_.header));
      parser.body_limit(limits_.body);
      error_code error;
      co_await http::async_read(stream, buffer, parser, quiet(error));
      if (error) {
        const auto refusal = refusal_of(error);
        if (refusal) {
          HttpResponse response = to_http(*refusal, is_tls());
          co_await send(stream, response, false);
        }
        break;
      }
      goes_on = co_await answer(stream, parser.get(), address);
    }
  }

  // Returns whether the connection goes on.
  template <typename Stream>
  asio::awaitable<bool> answer(Stream& stream, const HttpRequest& request, const std::string& address) {
    const ApiRequest asked = to_api(request, address);
    ApiResponse answer = co_await ask(asked);
    const bool is_head = request.method() == http::verb::head;
    if (answer.stream && (streams_ >= limits_.streams || is_head)) {
      answer = api_error(503, "unavailable", "too many streams; try again later");
    }
    if (answer.more) {
      const bool goes_on = co_await send_parts(stream, request, asked, answer);
      co_return goes_on;
    }
    if (!answer.stream) {
      HttpResponse response = to_http(std::move(answer), request, is_tls());
      const bool goes_on = co_await send(stream, response, is_head);
      co_return goes_on;
    }
    ++streams_;
    co_await tell(stream, request, address, answer);
    --streams_;
    co_return false;
  }

  // On a thread that answers. `request` is the caller's until then.
  asio::awaitable<ApiResponse> ask(ApiRequest request) {
    const auto call = [this, request = std::move(request)]() -> asio::awaitable<ApiResponse> {
      const Handler* handler = nullptr;
      {
        const std::lock_guard lock(mutex_);
        handler = free_.back();  // there are as many as threads
        free_.pop_back();
      }
      ApiResponse answer = (*handler)(request);
      const std::lock_guard lock(mutex_);
      free_.push_back(handler);
      co_return answer;
    };
    co_return co_await asio::co_spawn(answerers_, call, asio::use_awaitable);
  }

  template <typename Stream>
  asio::awaitable<bool> send(Stream& stream, HttpResponse& response, bool is_head) {
    beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(limits_.idle_seconds));
    error_code error;
    // HEAD's response has a length and no body, so it is its header alone.
    http::response_serializer<http::string_body> serializer(response);
    if (is_head) {
      co_await http::async_write_header(stream, serializer, quiet(error));
    } else {
      co_await http::async_write(stream, serializer, quiet(error));
    }
    co_return !error && response.keep_alive();
  }

  // One part is in memory at a time: the next is made when the client has taken this one. Where one cannot be made the
  // connection ends before the answer does, which tells the client that something is missing.
  template <typename Stream>
  asio::awaitable<bool> send_parts(Stream& stream, const HttpRequest& request, ApiRequest asked, ApiResponse& answer) {
    HttpHead head = parts_head(answer, request, is_tls());
    http::response_serializer<http::empty_body> serializer(head);
    beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(limits_.idle_seconds));
    error_code error;
    co_await http::async_write_header(stream, serializer, quiet(error));
    asked.more = &answer.more;
    const bool is_head = request.method() == http::verb::head;
    bool goes_on = !error && !is_head;
    bool is_whole = !error && is_head;
    std::string text = std::move(answer.text);
    while (goes_on) {
      if (!text.empty()) {
        goes_on = co_await send_part(stream, text, head.chunked());
      }
      if (goes_on) {
        ApiResponse part = co_await ask(asked);
        text = std::move(part.text);
        is_whole = part.status == 200 && text.empty();
        goes_on = part.status == 200 && !text.empty();
      }
    }
    if (is_whole && !is_head && head.chunked()) {
      const auto end = http::make_chunk_last();
      co_await asio::async_write(stream, end, quiet(error));
    }
    co_return is_whole && !error && head.keep_alive();
  }

  template <typename Stream>
  asio::awaitable<bool> send_part(Stream& stream, const std::string& text, bool is_chunk) {
    if (!is_chunk) {
      const bool is_sent = co_await send_text(stream, text);
      co_return is_sent;
    }
    beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(limits_.idle_seconds));
    error_code error;
    const auto chunk = http::make_chunk(asio::buffer(text));
    co_await asio::async_write(stream, chunk, quiet(error));
    co_return !error;
  }

  template <typename Stream>
  asio::awaitable<bool> send_text(Stream& stream, const std::string& text) {
    beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(limits_.idle_seconds));
    error_code error;
    co_await asio::async_write(stream, asio::buffer(text), quiet(error));
    co_return !error;
  }

  // Server-sent events, until the client goes, or may not listen any more.
  template <typename Stream>
  asio::awaitable<void> tell(Stream& stream, const HttpRequest& request, const std::string& address,
                             const ApiResponse& opening) {
    StreamRequest at = *opening.stream;
    const Watch watch(live_, at.device);
    auto head = stream_head(request, is_tls());
    http::response_serializer<http::empty_body> serializer(head);
    error_code error;
    co_await http::async_write_header(stream, serializer, quiet(error));
    ApiRequest again = to_api(request, address);
    again.target = "/api/v1/overview";
    auto overview_due = Clock::now();
    std::string text = opening.text;
    bool goes_on = !error;
    while (goes_on) {
      if (Clock::now() >= overview_due) {
        overview_due = Clock::now() + std::chrono::seconds(limits_.tell_seconds);
        const ApiResponse overview = co_await ask(again);
        goes_on = overview.status == 200;
        News news{.kind = "overview", .data = to_text(overview.body)};
        text += to_stream(news);
      }
      // GCC 12 destroys temporaries twice where co_await stands in a condition: hence statements of their own.
      if (goes_on) {
        goes_on = co_await send_text(stream, text);
      }
      text.clear();
      beast::get_lowest_layer(stream).expires_never();
      if (goes_on) {
        text = co_await next_news(at, overview_due);
      }
    }
  }

  // Empty: it is time for an overview.
  asio::awaitable<std::string> next_news(StreamRequest& at, Clock::time_point until) {
    std::string text;
    while (text.empty() && Clock::now() < until) {
      const auto news =
          live_ == nullptr ? decltype(live_->since(at.position, at.device)){} : live_->since(at.position, at.device);
      for (const auto& one : news) {
        if (one->id == 0 || one->id > at.after) {
          at.after = std::max(at.after, one->id);
          text += to_stream(*one);
        }
      }
      if (text.empty()) {
        error_code ignored;
        wake_.expires_at(std::min(until, Clock::now() + std::chrono::seconds(1)));
        co_await wake_.async_wait(quiet(ignored));
      }
    }
    co_return text;
  }

  // From any thread, often: one wake-up is under way at a time.
  void wake_streams() {
    if (!is_waking_.exchange(true)) {
      asio::post(context_, [this] {
        is_waking_ = false;
        wake_.cancel();
      });
    }
  }

  [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }

  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  Handlers handlers_;
  HttpLimits limits_;
  std::unique_ptr<ssl::context> tls_;
  Live* live_;
  asio::steady_timer wake_{context_};
  std::atomic<bool> is_waking_ = false;
  std::size_t connections_ = 0;
  std::size_t streams_ = 0;
  std::mutex mutex_;
  std::vector<const Handler*> free_;
  asio::thread_pool answerers_;
  std::thread thread_;
};

HttpServer::HttpServer(const std::string& address, std::uint16_t port, Handlers handlers, HttpLimits limits,
                       const TlsFiles& tls, Live* live)
    : impl_(std::make_unique<Impl>(address, port, std::move(handlers), limits, tls, live)) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const {
  return impl_->port();
}

}  // namespace ferry::hub
