// The host's end of the module's serial line: a pseudo terminal, or a TCP port with one connection at a time.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <string>

#include "device/base/bytes.h"

namespace ferry::tool {

class HostLine {
 public:
  // `wake` is called when bytes, room or a connection are there.
  HostLine(boost::asio::io_context& io, std::function<void()> wake);
  ~HostLine();
  HostLine(const HostLine&) = delete;
  HostLine& operator=(const HostLine&) = delete;

  // Throw host::Failure. Each returns where the host finds the line: a path, or ADDRESS:PORT.
  [[nodiscard]] std::string open_pty(const std::string& link);
  [[nodiscard]] std::string listen(const std::string& endpoint);  // loopback alone

  [[nodiscard]] bool is_connected() const { return descriptor_.is_open(); }
  [[nodiscard]] std::size_t read(ByteSpan buffer);
  [[nodiscard]] std::size_t write(ByteView bytes);

 private:
  void accept();
  void disconnect();
  void wait_read();
  void wait_write();

  boost::asio::io_context& io_;
  std::function<void()> wake_;
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::ip::tcp::acceptor acceptor_;
  int terminal_ = -1;  // the host's side is held open, so that a host may come and go
  std::string link_;
  bool waits_read_ = false;
  bool waits_write_ = false;
};

}  // namespace ferry::tool
