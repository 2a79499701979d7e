#include "servers/ftp/server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

#include "host/failure.h"

namespace ferry::server::ftp {
namespace {

namespace asio = boost::asio;

constexpr auto kQuiet = asio::as_tuple(asio::use_awaitable);
constexpr auto kNap = std::chrono::milliseconds(100);

Tcp::acceptor listen_on(asio::io_context& io, const Tcp::endpoint& endpoint) {
  try {
    return Tcp::acceptor(io, endpoint, true);
  } catch (const boost::system::system_error& error) {
    throw host::Failure("{} port {} cannot be listened on: {}", endpoint.address().to_string(), endpoint.port(),
                        error.code().message());
  }
}

// One household of IPv6 has a /64 to itself.
std::string limit_key(const asio::ip::address& address) {
  if (address.is_v4()) {
    return address.to_string();
  }
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return asio::ip::address_v6(bytes).to_string();
}

std::string_view refusal(Gate::Answer answer) {
  switch (answer) {
    case Gate::Answer::kAddressFull:
      return "421 Too many sessions from your address; try again later.\r\n";
    case Gate::Answer::kLockedOut:
      return "421 Too many wrong passwords from your address; try again later.\r\n";
    default:
      return "421 Too many sessions; try again later.\r\n";
  }
}

}  // namespace

Server::Server(asio::io_context& io, ServerConfig config, std::shared_ptr<spdlog::logger> log)
    : io_(io),
      config_(std::move(config)),
      log_(std::move(log)),
      tree_(config_.folder),
      state_(std::make_shared<State>(State{.gate = Gate(config_.limits), .server = this})),
      acceptor_(listen_on(io, config_.listen)),
      port_(acceptor_.local_endpoint().port()),
      nap_(io),
      grace_(io) {}

Server::~Server() {
  state_->server = nullptr;
}

void Server::session_ended() {
  if (stopping_ && sessions() == 0) {
    grace_.cancel();
    std::exchange(stopped_, [] {})();
  }
}

void Server::start() {
  std::signal(SIGPIPE, SIG_IGN);
  asio::co_spawn(io_, accept_sessions(), asio::detached);
}

asio::awaitable<void> Server::accept_sessions() {
  while (!stopping_) {
    Tcp::socket socket(io_);
    auto [error] = co_await acceptor_.async_accept(socket, kQuiet);
    if (stopping_) {
      break;
    }
    if (error) {
      // Out of descriptors or memory: sessions that end give some back.
      log_->warn("no session can be accepted: {}", error.message());
      nap_.expires_after(kNap);
      co_await nap_.async_wait(kQuiet);
      continue;
    }
    admit(std::move(socket));
  }
}

void Server::admit(Tcp::socket socket) {
  boost::system::error_code gone;
  const Tcp::endpoint from = socket.remote_endpoint(gone);
  if (gone) {
    return;
  }
  const std::string key = limit_key(plain(from.address()));
  const Gate::Answer answer = state_->gate.enter(key, now());
  if (answer != Gate::Answer::kCome) {
    asio::co_spawn(io_, turn_away(std::move(socket), answer), asio::detached);
    return;
  }
  auto connection = std::make_shared<Connection>(
      std::move(socket),
      ConnectionContext{.tree = tree_,
                        .accounts = config_.accounts,
                        .limits = config_.limits,
                        .passive_ports = config_.passive_ports,
                        .advertised = config_.advertised,
                        .log = log_,
                        .on_login_failed = [state = state_, key] { state->gate.login_failed(key, now()); },
                        .on_end =
                            [state = state_, key] {
                              state->gate.leave(key, now());
                              if (state->server != nullptr) {
                                state->server->session_ended();
                              }
                            }});
  std::erase_if(connections_, [](const std::weak_ptr<Connection>& weak) { return weak.expired(); });
  connections_.push_back(connection);
  connection->start();
}

// The reply fits any send buffer: this waits for nobody.
asio::awaitable<void> Server::turn_away(Tcp::socket socket, Gate::Answer answer) {
  co_await socket.async_write_some(asio::buffer(refusal(answer)), kQuiet);
}

std::vector<std::shared_ptr<Connection>> Server::connections() {
  std::vector<std::shared_ptr<Connection>> alive;
  for (const std::weak_ptr<Connection>& weak : connections_) {
    if (auto connection = weak.lock()) {
      alive.push_back(std::move(connection));
    }
  }
  return alive;
}

void Server::stop(Duration grace, std::function<void()> stopped) {
  stopping_ = true;
  stopped_ = std::move(stopped);
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  nap_.cancel();
  for (const auto& connection : connections()) {
    connection->shut_down();
  }
  if (sessions() == 0) {
    session_ended();
    return;
  }
  grace_.expires_after(grace);
  grace_.async_wait([this](const boost::system::error_code& cancelled) {
    for (const auto& connection : cancelled ? std::vector<std::shared_ptr<Connection>>() : connections()) {
      connection->cut();
    }
  });
}

}  // namespace ferry::server::ftp
