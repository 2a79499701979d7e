// The built-in FTP server: listens, lets sessions in, and ends in order. Runs on the one thread that runs `io`.
//
//   asio::io_context io;
//   Server server(io, {.folder = repository, .listen = {asio::ip::make_address("127.0.0.1"), 2121}}, log);
//   server.start();
//   io.run();          // until stop() and the last session
//
// Makes the process ignore SIGPIPE: sendfile() knows no other way.
#pragma once

#include <boost/asio/io_context.hpp>
#include <list>

#include "servers/ftp/connection.h"
#include "servers/ftp/folder_tree.h"
#include "servers/ftp/gate.h"

namespace ferry::server::ftp {

struct ServerConfig {
  std::filesystem::path folder;
  Tcp::endpoint listen{};  // port 0: a free one
  Accounts accounts{};
  Limits limits{};
  std::optional<PortRange> passive_ports{};                 // none: any port
  std::optional<boost::asio::ip::address_v4> advertised{};  // behind NAT: the address that clients know
};

class Server {
 public:
  // Listens at once. Throws host::Failure where the folder cannot be read or the port not be had.
  Server(boost::asio::io_context& io, ServerConfig config, std::shared_ptr<spdlog::logger> log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  // No new sessions; those that transfer nothing are told and closed, others when their transfer has ended. After
  // `grace` what is left is cut.
  // Then `stopped` is called, once.
  void stop(
      Duration grace = 10s, std::function<void()> stopped = [] {});

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::size_t sessions() const { return state_->gate.sessions(); }

 private:
  // What sessions still reach when they end after the server.
  struct State {
    Gate gate;
    Server* server;
  };

  void session_ended();
  boost::asio::awaitable<void> accept_sessions();
  void admit(Tcp::socket socket);
  boost::asio::awaitable<void> turn_away(Tcp::socket socket, Gate::Answer answer);
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> connections();

  boost::asio::io_context& io_;
  ServerConfig config_;
  std::shared_ptr<spdlog::logger> log_;
  FolderTree tree_;
  std::shared_ptr<State> state_;
  Tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  boost::asio::steady_timer nap_;  // after a failed accept
  boost::asio::steady_timer grace_;
  std::list<std::weak_ptr<Connection>> connections_;
  std::function<void()> stopped_;
  bool stopping_ = false;
};

}  // namespace ferry::server::ftp
