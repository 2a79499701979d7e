#include "tools/modem/host_line.h"

#include <fcntl.h>
#include <filesystem>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "host/failure.h"

namespace ferry::tool {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

namespace {

bool would_block(const boost::system::error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again;
}

}  // namespace

HostLine::HostLine(asio::io_context& io, std::function<void()> wake)
    : io_(io), wake_(std::move(wake)), descriptor_(io), acceptor_(io) {}

HostLine::~HostLine() {
  if (terminal_ >= 0) {
    ::close(terminal_);
  }
  if (!link_.empty()) {
    std::error_code ignored;
    std::filesystem::remove(link_, ignored);
  }
}

std::string HostLine::open_pty(const std::string& link) {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  char path[128];
  if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0 || ::ptsname_r(master, path, sizeof path) != 0) {
    throw host::Failure("no pseudo terminal can be had: {}", std::error_code(errno, std::generic_category()).message());
  }
  terminal_ = ::open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios raw{};
  if (terminal_ < 0 || ::tcgetattr(terminal_, &raw) != 0) {
    throw host::Failure("{} cannot be opened: {}", path, std::error_code(errno, std::generic_category()).message());
  }
  ::cfmakeraw(&raw);
  ::tcsetattr(terminal_, TCSANOW, &raw);
  descriptor_.assign(master);
  descriptor_.non_blocking(true);
  wait_read();
  if (link.empty()) {
    return path;
  }
  std::error_code error;
  if (std::filesystem::is_symlink(std::filesystem::symlink_status(link, error))) {
    std::filesystem::remove(link, error);
  }
  std::filesystem::create_symlink(path, link, error);
  if (error) {
    throw host::Failure("{} cannot be made a link to {}: {}", link, path, error.message());
  }
  link_ = link;
  return link;
}

std::string HostLine::listen(const std::string& endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  boost::system::error_code error;
  const auto address = asio::ip::make_address(endpoint.substr(0, colon), error);
  unsigned long port = 65536;
  try {
    port = colon == std::string::npos ? port : std::stoul(endpoint.substr(colon + 1));
  } catch (const std::exception&) {
    port = 65536;
  }
  if (error || port > 65535) {
    throw host::Failure("'{}' is no ADDRESS:PORT such as 127.0.0.1:7000", endpoint);
  }
  if (!address.is_loopback()) {
    throw host::Failure("'{}' is no loopback address; a module's serial line is for this machine alone", endpoint);
  }
  try {
    acceptor_ = Tcp::acceptor(io_, Tcp::endpoint(address, static_cast<std::uint16_t>(port)), true);
  } catch (const boost::system::system_error& failure) {
    throw host::Failure("{} cannot be listened on: {}", endpoint, failure.code().message());
  }
  accept();
  const auto local = acceptor_.local_endpoint();
  return local.address().to_string() + ":" + std::to_string(local.port());
}

void HostLine::accept() {
  acceptor_.async_accept([this](const boost::system::error_code& error, Tcp::socket socket) {
    if (error) {
      return;
    }
    boost::system::error_code ignored;
    socket.set_option(Tcp::no_delay(true), ignored);
    descriptor_.assign(socket.release());
    descriptor_.non_blocking(true);
    wait_read();
    wake_();
  });
}

void HostLine::disconnect() {
  if (terminal_ >= 0) {
    return;
  }
  boost::system::error_code ignored;
  descriptor_.close(ignored);
  accept();
}

void HostLine::wait_read() {
  if (waits_read_ || !descriptor_.is_open()) {
    return;
  }
  waits_read_ = true;
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    waits_read_ = false;
    if (!error) {
      wake_();
    }
  });
}

void HostLine::wait_write() {
  if (waits_write_ || !descriptor_.is_open()) {
    return;
  }
  waits_write_ = true;
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_write, [this](const boost::system::error_code& error) {
    waits_write_ = false;
    if (!error) {
      wake_();
    }
  });
}

std::size_t HostLine::read(ByteSpan buffer) {
  if (!is_connected() || buffer.empty()) {
    return 0;
  }
  boost::system::error_code error;
  const std::size_t size = descriptor_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
  if (error && !would_block(error)) {
    disconnect();
    return 0;
  }
  wait_read();
  return size;
}

std::size_t HostLine::write(ByteView bytes) {
  if (!is_connected() || bytes.empty()) {
    return 0;
  }
  boost::system::error_code error;
  const std::size_t size = descriptor_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
  if (error && !would_block(error)) {
    disconnect();
    return 0;
  }
  if (size < bytes.size()) {
    wait_write();
  }
  return size;
}

}  // namespace ferry::tool
