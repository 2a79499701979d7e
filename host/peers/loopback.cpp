#include "host/peers/loopback.h"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/failure.h"

namespace ferry::host {
namespace {

struct Socket {
  Socket() : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() { ::close(fd); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

std::uint16_t free_port() {
  const Socket socket;
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.fd, generic, size) != 0 || ::getsockname(socket.fd, generic, &size) != 0) {
    throw Failure("no free port on 127.0.0.1: {}", std::strerror(errno));
  }
  return ntohs(address.sin_port);
}

bool greets(std::uint16_t port, Duration limit) {
  const Socket socket;
  sockaddr_in address = loopback(port);
  if (::connect(socket.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return false;
  }
  pollfd readable{.fd = socket.fd, .events = POLLIN, .revents = 0};
  char byte = 0;
  return ::poll(&readable, 1, static_cast<int>(limit.count())) > 0 && ::read(socket.fd, &byte, 1) == 1;
}

}  // namespace ferry::host
