#include "tests/hub/foreign_broker.h"

#include <fstream>
#include <gtest/gtest.h>

#include "servers/hub/broker_process.h"
#include "servers/hub/sockets.h"
#include "tests/hub/wait.h"

namespace ferry::hub {

ForeignBroker::ForeignBroker(const Place& place) : ForeignBroker(place, free_port("127.0.0.1")) {}

ForeignBroker::ForeignBroker(const Place& place, std::uint16_t port) : port_(port) {
  const auto file = place.file("foreign-broker.conf");
  std::ofstream(file) << "listener " << port_ << " 127.0.0.1\n"
                      << "allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 4096\n"
                      << "connection_messages false\n"
                      << (::geteuid() == 0 ? "user root\n" : "");
  process_ = std::make_unique<host::ChildProcess>(host::ChildProcess::Program{
      .command = {find_mosquitto().string(), "-c", file.string()}, .output = place.file("foreign-broker.log")});
  EXPECT_TRUE(eventually([this] { return process_->has_ended() || can_connect("127.0.0.1", port_); }));
  EXPECT_FALSE(process_->has_ended());
}

}  // namespace ferry::hub
