// A client that says what it is told to, byte by byte, and waits for answers at most ten seconds.
#pragma once

#include <boost/asio.hpp>
#include <string>

namespace ferry::server::ftp {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port, const char* from = "127.0.0.1") : socket_(io_) {
    namespace ip = boost::asio::ip;
    socket_.open(ip::tcp::v4());
    socket_.bind({ip::make_address(from), 0});
    socket_.connect({ip::make_address("127.0.0.1"), port});
    timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  void send(std::string_view bytes) {
    boost::system::error_code ignored;
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
  }
  // One line, without its end; empty where the connection has ended.
  std::string line() {
    std::string text;
    char c = 0;
    while (::read(socket_.native_handle(), &c, 1) == 1) {
      if (c == '\n') {
        return text;
      }
      if (c != '\r') {
        text += c;
      }
    }
    return "";
  }
  std::string say(std::string_view command) {
    send(std::string(command) + "\r\n");
    return line();
  }
  // Everything until the connection ends.
  std::string rest() {
    std::string text;
    char piece[4096];
    for (ssize_t size = 1; size > 0;) {
      size = ::read(socket_.native_handle(), piece, sizeof piece);
      text.append(piece, size > 0 ? static_cast<std::size_t>(size) : 0);
    }
    return text;
  }
  void log_in(std::string_view user = "anonymous", std::string_view password = "x") {
    line();
    say("USER " + std::string(user));
    say("PASS " + std::string(password));
  }
  std::uint16_t epsv() {
    const std::string reply = say("EPSV");
    const std::size_t at = reply.find("|||");
    return at == std::string::npos ? std::uint16_t{0} : static_cast<std::uint16_t>(std::stoi(reply.substr(at + 3)));
  }
  void close() { socket_.close(); }
  void reset() {
    socket_.set_option(boost::asio::socket_base::linger(true, 0));
    socket_.close();
  }
  [[nodiscard]] int descriptor() { return socket_.native_handle(); }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
};

}  // namespace ferry::server::ftp
