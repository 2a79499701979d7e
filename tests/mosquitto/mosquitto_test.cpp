// The business link over real sockets to mosquitto.
#include <gtest/gtest.h>
#include <memory>

#include "device/mqtt/link.h"
#include "ports/posix/posix_network.h"
#include "ports/posix/system.h"
#include "tests/mosquitto/broker_process.h"

namespace ferry::mqtt {
namespace {

using test::BrokerProcess;
using Subscriber = BrokerProcess::Subscriber;

constexpr Uuid kDevice = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0x4c, 0xde,
                          0x8f, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd};
const std::string kRoot = "ferry/01234567-89ab-4cde-8f01-23456789abcd/";

class Mosquitto : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!BrokerProcess::is_installed()) {
      GTEST_SKIP() << "mosquitto is not installed";
    }
    broker_ = std::make_unique<BrokerProcess>();
  }
  [[nodiscard]] Endpoint endpoint(std::string_view password = BrokerProcess::kPassword) const {
    return {.host = "127.0.0.1", .port = broker_->port(), .user = "meter", .password = password};
  }

  std::unique_ptr<BrokerProcess> broker_;
};

// A link with sockets of its own.
struct Device {
  explicit Device(const Endpoint& endpoint) : link(network, endpoint, kDevice, 1) { link.start(clock.now()); }

  template <typename Done>
  bool run_until(Done done, Duration limit = 20s) {
    const Instant end = clock.now() + limit;
    while (!done()) {
      if (clock.now() >= end) {
        return false;
      }
      link.poll(clock.now());
      if (!done()) {
        network.wait(std::min(end, link.poll_timeout()));
      }
    }
    return true;
  }
  bool goes_online() {
    return run_until([this] { return link.state() == LinkState::kOnline; });
  }
  bool delivers(Channel channel, std::string_view message) {
    return link.publish(channel, as_bytes(message), clock.now()).has_value() &&
           run_until([this] { return link.all_acknowledged(); });
  }

  posix::SystemClock clock;
  posix::PosixNetwork network;
  Link link;
};

TEST_F(Mosquitto, LogsInAndReports) {
  Subscriber hub(*broker_);
  Device device(endpoint());
  ASSERT_TRUE(device.goes_online());
  ASSERT_TRUE(device.delivers(Channel::kData, "23 degrees"));
  const std::string long_message(kMaxMessage, 'x');
  ASSERT_TRUE(device.delivers(Channel::kEvent, long_message));
  EXPECT_TRUE(hub.sees("message retained=0 qos=0 " + kRoot + "status online"));
  EXPECT_TRUE(hub.sees("message retained=0 qos=1 " + kRoot + "data 23 degrees"));
  EXPECT_TRUE(hub.sees("message retained=0 qos=1 " + kRoot + "event " + long_message));
  Subscriber late(*broker_);
  EXPECT_TRUE(late.sees("message retained=1 qos=0 " + kRoot + "status online"));
}

TEST_F(Mosquitto, LostDeviceIsToldByItsWill) {
  Subscriber hub(*broker_);
  {
    Device device(endpoint());
    ASSERT_TRUE(device.goes_online());
    ASSERT_TRUE(hub.sees("status online"));
  }  // its sockets close without a goodbye
  EXPECT_TRUE(hub.sees("message retained=0 qos=1 " + kRoot + "status offline"));
}

TEST_F(Mosquitto, GoodbyeKeepsTheWillBack) {
  Subscriber hub(*broker_);
  Device device(endpoint());
  ASSERT_TRUE(device.goes_online());
  ASSERT_TRUE(device.delivers(Channel::kEvent, "bye"));
  device.link.stop(device.clock.now());
  ASSERT_TRUE(device.run_until([&] { return device.link.state() == LinkState::kOffline; }));
  Device next(endpoint());  // the broker has seen the first one go by the time it lets this one in
  ASSERT_TRUE(next.goes_online());
  ASSERT_TRUE(next.delivers(Channel::kEvent, "back"));
  ASSERT_TRUE(hub.sees("event back"));
  EXPECT_EQ(hub.lines().find("offline"), std::string::npos);
}

TEST_F(Mosquitto, T26_WrongPasswordIsRefused) {
  Device device(endpoint("wrong"));
  EXPECT_TRUE(device.run_until([&] { return device.link.last_error() != Error{}; }));
  EXPECT_EQ(device.link.last_error(), Error::kMqttRefused);
  EXPECT_EQ(device.link.state(), LinkState::kOffline);
}

TEST_F(Mosquitto, T27_BrokerThatIsStartedAnew) {
  Device device(endpoint());
  ASSERT_TRUE(device.goes_online());
  broker_->stop();
  ASSERT_TRUE(device.run_until([&] { return device.link.state() != LinkState::kOnline; }));
  broker_->start();
  ASSERT_TRUE(device.goes_online());
  Subscriber hub(*broker_);
  EXPECT_TRUE(device.delivers(Channel::kEvent, "still here"));
  EXPECT_TRUE(hub.sees("event still here"));
}

TEST_F(Mosquitto, T27_MessageOverABrokerThatDies) {
  Device device(endpoint());
  ASSERT_TRUE(device.goes_online());
  broker_->stop();
  // Written to a connection whose other end is gone; the answer comes from the broker after.
  const Status published = device.link.publish(Channel::kEvent, as_bytes("kept"), device.clock.now());
  broker_->start();
  Subscriber hub(*broker_);
  ASSERT_TRUE(published);
  ASSERT_TRUE(device.run_until([&] { return device.link.all_acknowledged(); }));
  EXPECT_TRUE(hub.sees("event kept"));
}

}  // namespace
}  // namespace ferry::mqtt
