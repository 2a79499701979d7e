// The network behind the simulated module: TCP to loopback addresses of this machine, and to nothing else.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "device/base/network.h"

namespace ferry::tool {

class LoopbackNetwork final : public Network {
 public:
  // `wake` is called when a connection has something to tell.
  LoopbackNetwork(boost::asio::io_context& io, std::function<void()> wake) : io_(io), wake_(std::move(wake)) {}

  // "NAME[:PORT]=ADDRESS[:PORT]": what the module knows by name. Throws host::Failure.
  void map(const std::string& entry);

  [[nodiscard]] Result<Connection> open(std::string_view host, std::uint16_t port) override;
  [[nodiscard]] Result<Connection> open_beside(Connection beside, std::uint16_t port) override;
  [[nodiscard]] ConnectionState state(Connection connection) override;
  [[nodiscard]] Result<std::size_t> send(Connection connection, ByteView bytes) override;
  [[nodiscard]] Result<std::size_t> receive(Connection connection, ByteSpan buffer) override;
  void close(Connection connection) override;

 private:
  using Tcp = boost::asio::ip::tcp;
  struct Socket {
    explicit Socket(boost::asio::io_context& io) : tcp(io) {}
    Tcp::socket tcp;
    ConnectionState state = ConnectionState::kConnecting;
    bool waits_read = false;
    bool waits_write = false;
  };

  [[nodiscard]] Socket* find(Connection connection);
  [[nodiscard]] std::optional<Tcp::endpoint> resolve(std::string_view host, std::uint16_t port) const;
  void wait(const std::shared_ptr<Socket>& socket, Tcp::socket::wait_type what, bool Socket::*flag);

  boost::asio::io_context& io_;
  std::function<void()> wake_;
  std::map<std::string, std::pair<std::string, std::uint16_t>> names_;  // port 0: as it was asked for
  std::map<Connection, std::shared_ptr<Socket>> sockets_;
  std::int16_t next_ = 0;
};

}  // namespace ferry::tool
