#include "tools/modem/loopback_network.h"

#include "host/failure.h"

namespace ferry::tool {

namespace asio = boost::asio;

namespace {

std::uint16_t parse_port(const std::string& text, const std::string& entry) {
  std::size_t end = 0;
  unsigned long port = 0;
  try {
    port = std::stoul(text, &end);
  } catch (const std::exception&) {
    end = 0;
  }
  if (end == 0 || end != text.size() || port == 0 || port > 65535) {
    throw host::Failure("'{}' in '{}' is no port: 1 to 65535", text, entry);
  }
  return static_cast<std::uint16_t>(port);
}

bool would_block(const boost::system::error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again;
}

}  // namespace

void LoopbackNetwork::map(const std::string& entry) {
  const std::size_t middle = entry.find('=');
  if (middle == std::string::npos || middle == 0) {
    throw host::Failure("'{}' is not of the form NAME[:PORT]=ADDRESS[:PORT], such as ftp.example:21=127.0.0.1:2121",
                        entry);
  }
  std::string address = entry.substr(middle + 1);
  std::uint16_t port = 0;
  if (const std::size_t colon = address.rfind(':'); colon != std::string::npos && address.find(':') == colon) {
    port = parse_port(address.substr(colon + 1), entry);
    address.erase(colon);
  }
  boost::system::error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error || !parsed.is_loopback()) {
    throw host::Failure("'{}' is no loopback address; the module reaches nothing else", address);
  }
  names_[entry.substr(0, middle)] = {address, port};
}

std::optional<LoopbackNetwork::Tcp::endpoint> LoopbackNetwork::resolve(std::string_view host,
                                                                       std::uint16_t port) const {
  std::string address(host);
  auto name = names_.find(address + ":" + std::to_string(port));
  if (name == names_.end()) {
    name = names_.find(address);
  }
  if (name != names_.end()) {
    address = name->second.first;
    port = name->second.second == 0 ? port : name->second.second;
  } else if (address == "localhost") {
    address = "127.0.0.1";
  }
  boost::system::error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error || !parsed.is_loopback()) {
    return std::nullopt;
  }
  return Tcp::endpoint(parsed, port);
}

Result<Connection> LoopbackNetwork::open(std::string_view host, std::uint16_t port) {
  const auto endpoint = resolve(host, port);
  if (!endpoint) {
    return fail(Error::kIo);
  }
  auto socket = std::make_shared<Socket>(io_);
  const Connection handle{next_};
  next_ = static_cast<std::int16_t>(next_ == 30000 ? 0 : next_ + 1);
  sockets_[handle] = socket;
  socket->tcp.async_connect(*endpoint, [this, socket](const boost::system::error_code& error) {
    if (error == asio::error::operation_aborted) {
      return;
    }
    boost::system::error_code ignored;
    if (!error) {
      socket->tcp.non_blocking(true, ignored);
      socket->tcp.set_option(Tcp::no_delay(true), ignored);
    }
    socket->state = error ? ConnectionState::kFailed : ConnectionState::kOpen;
    wake_();
  });
  return handle;
}

Result<Connection> LoopbackNetwork::open_beside(Connection, std::uint16_t) {
  return fail(Error::kUnsupported);  // the module knows no such thing
}

LoopbackNetwork::Socket* LoopbackNetwork::find(Connection connection) {
  const auto found = sockets_.find(connection);
  return found == sockets_.end() ? nullptr : found->second.get();
}

ConnectionState LoopbackNetwork::state(Connection connection) {
  const Socket* socket = find(connection);
  return socket == nullptr ? ConnectionState::kFailed : socket->state;
}

void LoopbackNetwork::wait(const std::shared_ptr<Socket>& socket, Tcp::socket::wait_type what, bool Socket::*flag) {
  if (socket.get()->*flag) {
    return;
  }
  socket.get()->*flag = true;
  socket->tcp.async_wait(what, [this, socket, flag](const boost::system::error_code& error) {
    socket.get()->*flag = false;
    if (error != asio::error::operation_aborted) {
      wake_();
    }
  });
}

Result<std::size_t> LoopbackNetwork::send(Connection connection, ByteView bytes) {
  Socket* socket = find(connection);
  if (socket == nullptr || socket->state == ConnectionState::kFailed) {
    return fail(Error::kIo);
  }
  if (socket->state == ConnectionState::kConnecting || bytes.empty()) {
    return 0;
  }
  boost::system::error_code error;
  const std::size_t sent = socket->tcp.write_some(asio::buffer(bytes.data(), bytes.size()), error);
  if (error && !would_block(error)) {
    return fail(Error::kIo);
  }
  if (sent < bytes.size()) {
    wait(sockets_[connection], Tcp::socket::wait_write, &Socket::waits_write);
  }
  return sent;
}

Result<std::size_t> LoopbackNetwork::receive(Connection connection, ByteSpan buffer) {
  Socket* socket = find(connection);
  if (socket == nullptr || socket->state == ConnectionState::kFailed) {
    return fail(Error::kIo);
  }
  if (socket->state == ConnectionState::kConnecting || buffer.empty()) {
    return 0;
  }
  boost::system::error_code error;
  const std::size_t size = socket->tcp.read_some(asio::buffer(buffer.data(), buffer.size()), error);
  if (would_block(error)) {
    wait(sockets_[connection], Tcp::socket::wait_read, &Socket::waits_read);
    return 0;
  }
  if (error) {
    return fail(error == asio::error::eof ? Error::kClosed : Error::kIo);
  }
  return size;
}

void LoopbackNetwork::close(Connection connection) {
  const auto found = sockets_.find(connection);
  if (found != sockets_.end()) {
    boost::system::error_code ignored;
    found->second->tcp.close(ignored);
    sockets_.erase(found);
  }
}

}  // namespace ferry::tool
