#include "ports/posix/posix_network.h"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include "ports/posix/system.h"

namespace ferry::posix {
namespace {

constexpr Duration kNextAddressAfter = 3s;

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

// One connection: looks up, connects to one address after the other, is open, and ends.
struct PosixNetwork::Socket {
  Connection handle = Connection::kNone;
  std::shared_ptr<Lookup> lookup;  // while the name is on its way
  std::vector<Address> addresses;
  std::size_t next_address = 0;
  Address peer;  // that the socket connects or is connected to
  UniqueFd fd;
  ConnectionState state = ConnectionState::kConnecting;
  Instant give_up_at = kNever;                          // of this address: there is another one
  ConnectionState told = ConnectionState::kConnecting;  // what the device knows of
  bool was_open = false;
  bool wants_room = false;  // the last send() did not take all
  bool has_ended = false;   // receive() told kClosed

  void advance() {
    if (state == ConnectionState::kConnecting && take_lookup()) {
      check_connect();
    }
  }

  [[nodiscard]] short events() const {
    if (!fd || state == ConnectionState::kFailed) {
      return 0;
    }
    if (state == ConnectionState::kConnecting) {
      return POLLOUT;
    }
    return static_cast<short>((has_ended ? 0 : POLLIN) | (wants_room ? POLLOUT : 0));
  }

  void fail() {
    state = ConnectionState::kFailed;
    fd.reset();
  }

  void fail_and_tell() {
    fail();
    told = state;
  }

 private:
  bool take_lookup() {
    if (!lookup) {
      return true;
    }
    auto result = lookup->result();
    if (!result) {
      return false;
    }
    addresses = std::move(*result);
    lookup.reset();
    connect_next();
    return true;
  }

  void connect_next() {
    fd.reset();
    while (next_address < addresses.size()) {
      peer = addresses[next_address++];
      if (begin_connect()) {
        give_up_at = next_address < addresses.size() ? monotonic_now() + kNextAddressAfter : kNever;
        return;
      }
    }
    fail();
  }

  bool begin_connect() {
    fd = UniqueFd(::socket(peer.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) {
      return false;
    }
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int result = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&peer.bytes), peer.size);
    return result == 0 || errno == EINPROGRESS || errno == EINTR;
  }

  void check_connect() {
    if (!fd) {
      return;
    }
    pollfd entry{.fd = fd.get(), .events = POLLOUT, .revents = 0};
    if (::poll(&entry, 1, 0) <= 0) {
      return monotonic_now() >= give_up_at ? connect_next() : void();
    }
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
      return connect_next();
    }
    state = ConnectionState::kOpen;
    was_open = true;
  }
};

PosixNetwork::PosixNetwork(std::size_t max_connections) : max_connections_(max_connections) {}
PosixNetwork::~PosixNetwork() = default;

Result<Connection> PosixNetwork::open(std::string_view host, std::uint16_t port) {
  if (sockets_.size() >= max_connections_) {
    return fail(Error::kNoSpace);
  }
  auto socket = std::make_unique<Socket>();
  socket->lookup = Lookup::start(std::string(host), port, wake_up_);
  if (!socket->lookup) {
    return fail(Error::kNoSpace);
  }
  return add(std::move(socket));
}

Result<Connection> PosixNetwork::open_beside(Connection beside, std::uint16_t port) {
  const Socket* model = find(beside);
  if (model == nullptr || !model->was_open) {
    return fail(Error::kInvalidArgument);
  }
  if (sockets_.size() >= max_connections_) {
    return fail(Error::kNoSpace);
  }
  auto socket = std::make_unique<Socket>();
  Address address = model->peer;
  address.set_port(port);
  socket->lookup = Lookup::of({address});
  return add(std::move(socket));
}

Connection PosixNetwork::add(std::unique_ptr<Socket> socket) {
  do {
    next_handle_ = static_cast<std::int16_t>(next_handle_ == INT16_MAX ? 0 : next_handle_ + 1);
  } while (find(Connection{next_handle_}) != nullptr);
  socket->handle = Connection{next_handle_};
  socket->advance();
  sockets_.push_back(std::move(socket));
  return Connection{next_handle_};
}

PosixNetwork::Socket* PosixNetwork::find(Connection connection) {
  const auto found = std::find_if(sockets_.begin(), sockets_.end(),
                                  [connection](const auto& socket) { return socket->handle == connection; });
  return found != sockets_.end() ? found->get() : nullptr;
}

ConnectionState PosixNetwork::state(Connection connection) {
  Socket* socket = find(connection);
  if (socket == nullptr) {
    return ConnectionState::kFailed;
  }
  socket->advance();
  socket->told = socket->state;
  return socket->state;
}

Result<std::size_t> PosixNetwork::send(Connection connection, ByteView bytes) {
  const ConnectionState now = state(connection);
  if (now == ConnectionState::kFailed) {
    return fail(Error::kIo);
  }
  if (now == ConnectionState::kConnecting || bytes.empty()) {
    return 0;
  }
  Socket* socket = find(connection);
  const ssize_t sent = ::send(socket->fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0 && !would_block()) {
    const bool closed = errno == EPIPE;
    if (!closed) {
      socket->fail_and_tell();
    }
    return fail(closed ? Error::kClosed : Error::kIo);
  }
  const std::size_t taken = sent > 0 ? static_cast<std::size_t>(sent) : 0;
  socket->wants_room = taken < bytes.size();
  return taken;
}

Result<std::size_t> PosixNetwork::receive(Connection connection, ByteSpan buffer) {
  const ConnectionState now = state(connection);
  if (now == ConnectionState::kFailed) {
    return fail(Error::kIo);
  }
  if (now == ConnectionState::kConnecting || buffer.empty()) {
    return 0;
  }
  Socket* socket = find(connection);
  const ssize_t got = ::recv(socket->fd.get(), buffer.data(), buffer.size(), 0);
  if (got > 0) {
    return static_cast<std::size_t>(got);
  }
  if (got == 0) {
    socket->has_ended = true;
    return fail(Error::kClosed);
  }
  if (would_block()) {
    return 0;
  }
  socket->fail_and_tell();
  return fail(Error::kIo);
}

void PosixNetwork::close(Connection connection) {
  std::erase_if(sockets_, [connection](const auto& socket) { return socket->handle == connection; });
}

void PosixNetwork::wait(Instant until) {
  std::vector<pollfd> entries{{.fd = wake_up_->fd(), .events = POLLIN, .revents = 0}};
  for (const auto& socket : sockets_) {
    socket->advance();
    if (socket->told != socket->state) {
      return;
    }
    if (const short events = socket->events(); events != 0) {
      entries.push_back({.fd = socket->fd.get(), .events = events, .revents = 0});
      until = std::min(until, socket->state == ConnectionState::kConnecting ? socket->give_up_at : kNever);
    }
  }
  constexpr Duration kLongest = std::chrono::hours(1);
  const Instant now = monotonic_now();
  const Duration left = until <= now ? Duration(0) : std::min(until - now, kLongest);
  ::poll(entries.data(), entries.size(), static_cast<int>(left.count()));
  wake_up_->clear();
}

}  // namespace ferry::posix
