// The device's network port over TCP sockets, IPv4 and IPv6.
//
// Names are looked up in threads; where a name has several addresses they are tried in turn, each but the last for
// three seconds. Everything else happens in the calls, which never block; wait() is where a program sleeps.
#pragma once

#include <memory>
#include <vector>

#include "device/base/network.h"
#include "device/base/time.h"
#include "ports/posix/resolver.h"

namespace ferry::posix {

class PosixNetwork final : public Network {
 public:
  explicit PosixNetwork(std::size_t max_connections = 8);
  ~PosixNetwork();
  PosixNetwork(const PosixNetwork&) = delete;
  PosixNetwork& operator=(const PosixNetwork&) = delete;

  [[nodiscard]] Result<Connection> open(std::string_view host, std::uint16_t port) override;
  [[nodiscard]] Result<Connection> open_beside(Connection beside, std::uint16_t port) override;
  [[nodiscard]] ConnectionState state(Connection connection) override;
  [[nodiscard]] Result<std::size_t> send(Connection connection, ByteView bytes) override;
  [[nodiscard]] Result<std::size_t> receive(Connection connection, ByteSpan buffer) override;
  void close(Connection connection) override;

  // Sleeps until a connection has something to tell (bytes, room after a send() that did not take all, open, failed,
  // closed), until wake(), a signal, or until `until` on the monotonic clock. May return early.
  void wait(Instant until);
  // Ends the wait() that is under way, or the next one. From any thread and from signal handlers.
  void wake() { wake_up_->set(); }

 private:
  struct Socket;

  [[nodiscard]] Socket* find(Connection connection);
  [[nodiscard]] Connection add(std::unique_ptr<Socket> socket);

  std::size_t max_connections_;
  std::shared_ptr<WakeUp> wake_up_ = std::make_shared<WakeUp>();
  std::vector<std::unique_ptr<Socket>> sockets_;
  std::int16_t next_handle_ = 0;
};

}  // namespace ferry::posix
