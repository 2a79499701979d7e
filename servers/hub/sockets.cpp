#include "servers/hub/sockets.h"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/failure.h"

namespace ferry::hub {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] std::uint16_t port() const {
    in_port_t port = 0;  // in the same place in both families
    std::memcpy(&port, reinterpret_cast<const std::uint8_t*>(&storage) + offsetof(sockaddr_in, sin_port), sizeof port);
    return ntohs(port);
  }
};

SocketAddress make_address(const std::string& text, std::uint16_t port) {
  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof(sockaddr_in);
    return address;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof(sockaddr_in6);
    return address;
  }
  throw host::Failure("{}: not an IP address", text);
}

class Socket {
 public:
  explicit Socket(const SocketAddress& address)
      : fd_(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() { ::close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::uint16_t parse_port(std::string_view text, std::string_view whole) {
  std::uint16_t port = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), port);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) {
    throw host::Failure("{}: an address to listen on looks like 127.0.0.1:8080 or [::1]:8080", whole);
  }
  return port;
}

}  // namespace

ListenAddress parse_listen(std::string_view text) {
  ListenAddress listen{.address = "127.0.0.1"};
  std::string_view rest = text;
  if (rest.starts_with('[') && rest.find(']') != std::string_view::npos) {
    listen.address = rest.substr(1, rest.find(']') - 1);
    rest.remove_prefix(rest.find(']') + 1);
  } else if (const std::size_t colon = rest.find(':'); colon != 0) {
    listen.address = rest.substr(0, colon);
    rest.remove_prefix(std::min(rest.size(), colon));
  }
  if (!rest.empty()) {
    listen.port = rest[0] == ':' ? parse_port(rest.substr(1), text) : parse_port("", text);
  }
  static_cast<void>(make_address(listen.address, listen.port));
  return listen;
}

std::string format_listen(const std::string& address, std::uint16_t port) {
  const bool is_v6 = address.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", address, is_v6 ? "]" : "", port);
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

std::string connect_address(const std::string& address) {
  if (address == "0.0.0.0") {
    return "127.0.0.1";
  }
  return address == "::" ? "::1" : address;
}

bool can_listen(const std::string& address, std::uint16_t port) {
  SocketAddress own = make_address(address, port);
  const Socket socket(own);
  const int on = 1;  // as mosquitto does: connections that ended lately are not in the way
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return ::bind(socket.get(), own.get(), own.size) == 0 && ::listen(socket.get(), 1) == 0;
}

std::uint16_t free_port(const std::string& address) {
  SocketAddress any = make_address(address, 0);
  const Socket socket(any);
  if (::bind(socket.get(), any.get(), any.size) != 0 || ::getsockname(socket.get(), any.get(), &any.size) != 0) {
    throw host::Failure("cannot listen on {}: {}", address, std::strerror(errno));
  }
  return any.port();
}

bool can_connect(const std::string& address, std::uint16_t port) {
  SocketAddress peer = make_address(connect_address(address), port);
  const Socket socket(peer);
  return ::connect(socket.get(), peer.get(), peer.size) == 0;
}

}  // namespace ferry::hub
