// Port: stream connections (TCP sockets of an OS, or of a 4G module).
//
// Nothing here blocks. A connection is a small handle; every handle that open() gave is given back with close(),
// whatever became of it. Two connections at once are enough for Ferry (FTP control and data).
#pragma once

#include <cstdint>
#include <string_view>

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry {

enum class Connection : std::int16_t { kNone = -1 };

enum class ConnectionState : std::uint8_t {
  kConnecting,
  kOpen,    // may still hold unread bytes after the peer closed: receive() tells
  kFailed,  // refused, unreachable, reset, or a handle that is not open
};

class Network {
 public:
  // Starts to connect to `host` (name or address literal, copied) and returns at once.
  // Errors: kNoSpace (no free connection: close one), kIo.
  [[nodiscard]] virtual Result<Connection> open(std::string_view host, std::uint16_t port) = 0;

  // Starts to connect to the peer of `beside` on another port: never to an address that a reply names (RFC 959 PASV).
  // Errors: as open(); kInvalidArgument where `beside` was never connected.
  [[nodiscard]] virtual Result<Connection> open_beside(Connection beside, std::uint16_t port) = 0;

  [[nodiscard]] virtual ConnectionState state(Connection connection) = 0;

  // Takes as many bytes as fit and returns how many; 0 = none now. Errors: kClosed, kIo.
  [[nodiscard]] virtual Result<std::size_t> send(Connection connection, ByteView bytes) = 0;

  // Returns how many bytes were put into `buffer`; 0 = none now. Errors: kClosed after the peer's orderly end and the
  // last byte, kIo.
  [[nodiscard]] virtual Result<std::size_t> receive(Connection connection, ByteSpan buffer) = 0;

  virtual void close(Connection connection) = 0;

 protected:
  ~Network() = default;  // never deleted through the port
};

}  // namespace ferry
