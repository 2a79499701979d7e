// Runs a simulated module by the real clock, between the host's line and this machine's loopback network.
#pragma once

#include <boost/asio/steady_timer.hpp>

#include "sim/modem.h"
#include "tools/modem/host_line.h"
#include "tools/modem/loopback_network.h"

namespace ferry::tool {

class ModuleLoop {
 public:
  ModuleLoop(boost::asio::io_context& io, sim::ModemConfig config);

  [[nodiscard]] HostLine& line() { return line_; }
  [[nodiscard]] LoopbackNetwork& network() { return network_; }
  [[nodiscard]] sim::Modem& module() { return module_; }
  void start() { wake(); }
  [[nodiscard]] Duration elapsed() const;

 private:
  void wake();
  void step();
  void pump();
  void arm();

  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  LoopbackNetwork network_;
  HostLine line_;
  sim::Clock clock_;
  sim::Modem module_;
  bool woken_ = false;
  std::array<std::uint8_t, 4096> to_host_{};
  std::size_t to_host_at_ = 0;
  std::size_t to_host_size_ = 0;
  std::array<std::uint8_t, 256> from_host_{};
  std::size_t from_host_at_ = 0;
  std::size_t from_host_size_ = 0;
};

}  // namespace ferry::tool
