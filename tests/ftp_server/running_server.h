// The built-in FTP server in a thread of this process.
#pragma once

#include <boost/asio/packaged_task.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <future>
#include <spdlog/sinks/null_sink.h>
#include <thread>

#include "servers/ftp/server.h"

namespace ferry::server::ftp {

class RunningServer {
 public:
  explicit RunningServer(ServerConfig config) : server_(io_, at_any_port(std::move(config)), make_log()) {
    server_.start();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~RunningServer() {
    stop(Duration(1));
    thread_.join();
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::string url(std::string_view login = "", std::optional<std::uint16_t> port = {}) const {
    return fmt::format("ftp://{}127.0.0.1:{}/", login, port.value_or(server_.port()));
  }
  void stop(Duration grace) {
    boost::asio::post(io_, [this, grace] { server_.stop(grace); });
  }
  [[nodiscard]] std::size_t sessions() {
    return boost::asio::post(io_, std::packaged_task<std::size_t()>([this] { return server_.sessions(); })).get();
  }

 private:
  static ServerConfig at_any_port(ServerConfig config) {
    config.listen = {boost::asio::ip::make_address("127.0.0.1"), 0};
    return config;
  }
  static std::shared_ptr<spdlog::logger> make_log() {
    return std::make_shared<spdlog::logger>("ftp", std::make_shared<spdlog::sinks::null_sink_mt>());
  }

  boost::asio::io_context io_{1};
  Server server_;
  std::thread thread_;
};

}  // namespace ferry::server::ftp
