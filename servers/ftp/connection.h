// Carries one Session: its control connection, its passive port, its data connection, its clock. Lives as long as one
// of its coroutines runs. Everything happens on the server's one thread.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <spdlog/logger.h>

#include "servers/ftp/passive.h"
#include "servers/ftp/session.h"
#include "servers/ftp/transfer.h"

namespace ferry::server::ftp {

struct ConnectionContext {
  Tree& tree;
  const Accounts& accounts;
  const Limits& limits;
  std::optional<PortRange> passive_ports;
  std::optional<boost::asio::ip::address_v4> advertised;  // in 227, instead of the server's own address
  std::shared_ptr<spdlog::logger> log;
  std::function<void()> on_login_failed;
  std::function<void()> on_end;
};

// The monotonic clock that sessions are told.
[[nodiscard]] Instant now();

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Tcp::socket socket, ConnectionContext context);
  ~Connection();

  void start();
  void shut_down();  // when the transfer under way has ended
  void cut();        // now

 private:
  struct Passive;  // a port, and the data connection that came to it

  boost::asio::awaitable<void> read_control();
  boost::asio::awaitable<void> write_control(std::string text);
  boost::asio::awaitable<void> watch_clock();
  boost::asio::awaitable<void> wait_for_data(std::shared_ptr<Passive> passive);
  boost::asio::awaitable<void> run_transfer(std::shared_ptr<Passive> passive, Event event);
  boost::asio::awaitable<Session::TransferEnd> carry(Passive& passive, Event& event);

  void pump();  // does what the session wants, until it wants nothing
  void send_replies();
  void handle(Event event);
  void open_port();
  void start_transfer();
  void drop_data();
  [[nodiscard]] Surroundings surroundings() const;

  Tcp::socket socket_;
  ConnectionContext context_;
  boost::asio::ip::address peer_;
  boost::asio::ip::address local_;
  std::string name_;  // of the client, for the log
  Session session_;
  boost::asio::steady_timer clock_;
  boost::asio::steady_timer room_;  // cancelled when there may be room for input again
  std::shared_ptr<Passive> passive_;
  std::optional<Event> waiting_;  // a transfer without a data connection yet
  Instant wake_ = kNever;         // what clock_ is set to
  bool writing_ = false;
  bool leaving_ = false;  // the last reply is on its way
  bool ended_ = false;
};

}  // namespace ferry::server::ftp
