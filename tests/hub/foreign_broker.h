// mosquitto as somebody else runs it: on loopback, open to everybody, sessions and messages kept without a limit.
#pragma once

#include <memory>

#include "host/peers/child_process.h"
#include "tests/hub/server.h"

namespace ferry::hub {

class ForeignBroker {
 public:
  // Returns when it takes connections; fails the test where it does not.
  explicit ForeignBroker(const Place& place);
  ForeignBroker(const Place& place, std::uint16_t port);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }

 private:
  std::uint16_t port_;
  std::unique_ptr<host::ChildProcess> process_;
};

}  // namespace ferry::hub
