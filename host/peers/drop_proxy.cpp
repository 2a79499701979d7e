#include "host/peers/drop_proxy.h"

#include <array>
#include <atomic>
#include <boost/asio.hpp>
#include <charconv>
#include <list>
#include <optional>
#include <string>
#include <thread>

namespace ferry::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t kLongestLine = 65536;
constexpr std::size_t kPiece = 4096;

constexpr auto kQuiet = asio::as_tuple(asio::use_awaitable);

tcp::endpoint loopback(std::uint16_t port) {
  return {asio::ip::address_v4::loopback(), port};
}

// A connection through the proxy, of one kind or the other.
struct Pair {
  explicit Pair(asio::io_context& io) : client(io), server(io) {}

  void reset() {
    for (tcp::socket* socket : {&client, &server}) {
      boost::system::error_code error;
      socket->set_option(asio::socket_base::linger(true, 0), error);
      socket->close(error);
    }
  }

  // Once both are connected: what comes in pieces goes on in pieces, and none of them waits for an acknowledgement.
  void pass_at_once() {
    for (tcp::socket* socket : {&client, &server}) {
      boost::system::error_code ignored;
      socket->set_option(tcp::no_delay(true), ignored);
    }
  }

  tcp::socket client;
  tcp::socket server;
  std::uint64_t bytes = 0;
  bool counted = false;  // whether it was one of the plan's drops
};
using PairPointer = std::shared_ptr<Pair>;

// "h1,h2,h3,h4,p1,p2" of a 227 reply: where it is, and the port.
struct Place {
  std::size_t begin;
  std::size_t size;
  std::uint16_t port;
};

std::uint16_t number(std::string_view digits) {
  std::uint16_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// The port of "227 ... (127,0,0,1,4,1)": its last two numbers.
std::optional<Place> find_pasv(std::string_view line) {
  const std::size_t end = line.find_last_of("0123456789");
  const std::size_t low = line.rfind(',', end);
  const std::size_t high = low == std::string_view::npos ? low : line.rfind(',', low - 1);
  if (end == std::string_view::npos || high == std::string_view::npos) {
    return std::nullopt;
  }
  const auto port = number(line.substr(high + 1)) * 256 + number(line.substr(low + 1));
  return Place{.begin = high + 1, .size = end - high, .port = static_cast<std::uint16_t>(port)};
}

// The port of "229 ... (|||1025|)": its last number.
std::optional<Place> find_epsv(std::string_view line) {
  const std::size_t end = line.find_last_of("0123456789");
  const std::size_t before = line.find_last_not_of("0123456789", end);
  if (end == std::string_view::npos || before < 3) {
    return std::nullopt;
  }
  return Place{.begin = before + 1, .size = end - before, .port = number(line.substr(before + 1))};
}

}  // namespace

class DropProxy::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(std::uint16_t server_port, DropPlan plan)
      : server_port_(server_port), acceptor_(io_, loopback(0)), port_(acceptor_.local_endpoint().port()), plan_(plan) {}

  void start() {
    asio::co_spawn(io_, accept_sessions(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }
  void stop() {
    asio::post(io_, [this] { io_.stop(); });
    thread_.join();
  }
  void set_plan(DropPlan plan) {
    asio::post(io_, [this, plan] { plan_ = plan; });
  }
  void cut_all() {
    asio::post(io_, [this] {
      for (const std::weak_ptr<Pair>& weak : pairs_) {
        if (const PairPointer pair = weak.lock()) {
          pair->reset();
        }
      }
    });
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  std::atomic<std::uint32_t> drops = 0;
  std::atomic<std::uint64_t> data_bytes = 0;
  std::atomic<std::uint64_t> control_bytes = 0;
  std::atomic<std::uint32_t> sessions = 0;
  std::atomic<std::uint32_t> data_connections = 0;

 private:
  PairPointer make_pair() {
    std::erase_if(pairs_, [](const std::weak_ptr<Pair>& weak) { return weak.expired(); });
    auto pair = std::make_shared<Pair>(io_);
    pairs_.push_back(pair);
    return pair;
  }

  asio::awaitable<void> accept_sessions() {
    for (;;) {
      const PairPointer pair = make_pair();
      auto [error] = co_await acceptor_.async_accept(pair->client, kQuiet);
      if (error) {
        co_return;
      }
      ++sessions;
      asio::co_spawn(io_, serve_control(pair), asio::detached);
    }
  }

  asio::awaitable<void> serve_control(PairPointer pair) {
    auto [error] = co_await pair->server.async_connect(loopback(server_port_), kQuiet);
    if (error) {
      pair->reset();
      co_return;
    }
    pair->pass_at_once();
    asio::co_spawn(io_, pass_on(pair, pair->client, pair->server, nullptr), asio::detached);
    co_await pass_replies(pair);
  }

  asio::awaitable<void> pass_replies(PairPointer pair) {
    std::string buffer;
    for (;;) {
      auto [error, size] =
          co_await asio::async_read_until(pair->server, asio::dynamic_buffer(buffer, kLongestLine), '\n', kQuiet);
      if (error) {
        break;
      }
      const std::string line = translate(pair, buffer.substr(0, size));
      buffer.erase(0, size);
      auto [failed, written] = co_await asio::async_write(pair->client, asio::buffer(line), kQuiet);
      if (failed) {
        break;
      }
      control_bytes += written;
    }
    boost::system::error_code ignored;
    pair->client.shutdown(tcp::socket::shutdown_send, ignored);
  }

  std::string translate(const PairPointer& control, std::string line) {
    const bool pasv = line.starts_with("227 ");
    if (!pasv && !line.starts_with("229 ")) {
      return line;
    }
    const std::optional<Place> place = pasv ? find_pasv(line) : find_epsv(line);
    if (!place) {
      return line;
    }
    auto acceptor = std::make_shared<tcp::acceptor>(io_, loopback(0));
    const std::uint16_t port = acceptor->local_endpoint().port();
    asio::co_spawn(io_, serve_data(control, acceptor, place->port), asio::detached);
    const std::string text =
        pasv ? std::to_string(port / 256) + "," + std::to_string(port % 256) : std::to_string(port);
    return line.replace(place->begin, place->size, text);
  }

  // One connection, within a minute.
  asio::awaitable<void> serve_data(PairPointer control, std::shared_ptr<tcp::acceptor> acceptor, std::uint16_t port) {
    asio::steady_timer patience(io_, std::chrono::minutes(1));
    patience.async_wait([acceptor](const boost::system::error_code& cancelled) {
      if (!cancelled) {
        acceptor->close();
      }
    });
    const PairPointer pair = make_pair();
    auto [error] = co_await acceptor->async_accept(pair->client, kQuiet);
    patience.cancel();
    if (error) {
      co_return;
    }
    acceptor->close();
    ++data_connections;
    auto [failed] = co_await pair->server.async_connect(loopback(port), kQuiet);
    if (failed) {
      pair->reset();
      co_return;
    }
    pair->pass_at_once();
    asio::co_spawn(io_, pass_on(pair, pair->client, pair->server, control), asio::detached);
    co_await pass_on(pair, pair->server, pair->client, control);
  }

  // Until `from` ends. `control` is given for data connections: those are the ones that the plan counts.
  asio::awaitable<void> pass_on(PairPointer pair, tcp::socket& from, tcp::socket& to, PairPointer control) {
    std::array<char, kPiece> piece;
    boost::system::error_code error;
    for (;;) {
      auto [failed, size] = co_await from.async_read_some(asio::buffer(piece), kQuiet);
      error = failed;
      const std::size_t allowed = control ? allow(*pair, size) : size;
      control_bytes += control ? 0 : size;
      if (!error) {
        std::tie(error, std::ignore) = co_await asio::async_write(to, asio::buffer(piece.data(), allowed), kQuiet);
      }
      if (allowed < size) {
        cut(*pair, *control);
      }
      if (error || allowed < size) {
        break;
      }
      co_await pace(control ? size : 0);
    }
    end(*pair, to, error);
  }

  // An orderly end is passed on as one, a reset as a reset.
  static void end(Pair& pair, tcp::socket& to, const boost::system::error_code& error) {
    if (error && error != asio::error::eof) {
      pair.reset();
      return;
    }
    boost::system::error_code ignored;
    to.shutdown(tcp::socket::shutdown_send, ignored);
  }

  asio::awaitable<void> pace(std::size_t bytes) {
    if (plan_.bytes_per_second == 0 || bytes == 0) {
      co_return;
    }
    asio::steady_timer timer(io_, std::chrono::microseconds(bytes * 1'000'000 / plan_.bytes_per_second));
    co_await timer.async_wait(kQuiet);
  }

  // How many of the next `size` bytes of a data connection pass; fewer than `size`: then it is cut.
  std::size_t allow(Pair& pair, std::size_t size) {
    std::size_t allowed = size;
    if (data_bytes >= plan_.spare_first && drops < plan_.times && pair.bytes + size > plan_.after_bytes) {
      allowed = plan_.after_bytes > pair.bytes ? static_cast<std::size_t>(plan_.after_bytes - pair.bytes) : 0;
    }
    pair.bytes += allowed;
    data_bytes += allowed;
    return allowed;
  }

  void cut(Pair& pair, Pair& control) {
    if (!std::exchange(pair.counted, true)) {
      ++drops;
    }
    if (plan_.orderly) {
      boost::system::error_code ignored;
      pair.client.close(ignored);
      pair.server.close(ignored);
    }
    pair.reset();
    if (plan_.control_too) {
      control.reset();
    }
  }

  asio::io_context io_{1};
  std::uint16_t server_port_;
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  DropPlan plan_;
  std::list<std::weak_ptr<Pair>> pairs_;
  std::thread thread_;
};

DropProxy::DropProxy(std::uint16_t server_port, DropPlan plan)
    : implementation_(std::make_shared<Implementation>(server_port, plan)) {
  implementation_->start();
}

DropProxy::~DropProxy() {
  implementation_->stop();
}

std::uint16_t DropProxy::port() const {
  return implementation_->port();
}

void DropProxy::set_plan(DropPlan plan) {
  implementation_->set_plan(plan);
}

void DropProxy::cut_all() {
  implementation_->cut_all();
}

std::uint32_t DropProxy::drops() const {
  return implementation_->drops;
}

std::uint64_t DropProxy::data_bytes() const {
  return implementation_->data_bytes;
}

std::uint64_t DropProxy::bytes() const {
  return implementation_->data_bytes + implementation_->control_bytes;
}

std::uint32_t DropProxy::sessions() const {
  return implementation_->sessions;
}

std::uint32_t DropProxy::data_connections() const {
  return implementation_->data_connections;
}

}  // namespace ferry::host
