// The business link against a broker on a simulated network: drops at every byte, silence, refusals, back-off.
#include "device/mqtt/link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/clock.h"
#include "sim/fault_plan.h"
#include "sim/mqtt_broker.h"
#include "sim/network.h"

namespace ferry::mqtt {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;

constexpr Uuid kDevice = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0x4c, 0xde,
                          0x8f, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd};
constexpr std::string_view kRoot = "ferry/01234567-89ab-4cde-8f01-23456789abcd/";
constexpr Endpoint kEndpoint{.host = "hub.example", .port = 1883, .user = "meter", .password = "secret"};

class World {
 public:
  explicit World(std::uint32_t seed = 1) : link(network, kEndpoint, kDevice, seed) {
    broker.accounts["meter"] = "secret";
    broker.attach(network);
  }

  template <typename Done>
  bool run_until(Done done, Duration limit = 10min) {
    return sim::run_until(clock, network, link, done, limit);
  }
  bool go_online(Duration limit = 10min) {
    link.start(clock.now());
    return run_until([&] { return link.state() == LinkState::kOnline; }, limit);
  }
  bool deliver(std::string_view message) {
    return link.publish(Channel::kEvent, as_bytes(message), clock.now()).has_value() &&
           run_until([&] { return link.all_acknowledged(); });
  }
  void pass(Duration time) {
    run_until([] { return false; }, time);
  }
  [[nodiscard]] std::size_t attempts() const { return network.opened().size(); }
  // As good as new, for an honest end of every tale.
  bool recovers() {
    faults.cut_connection_at = sim::FaultPlan::kNone;
    broker.refuses = broker.is_mute = false;
    broker.acknowledges = true;
    broker.greeting.clear();
    network.set_reach("hub.example", sim::Reach::kReachable);
    return go_online(1h) && run_until([&] { return link.all_acknowledged(); }, 1h);
  }

  sim::Clock clock;
  sim::FaultPlan faults;
  sim::Network network{clock, faults};
  sim::MqttBroker broker{"hub.example"};
  Link link;
};

TEST(MqttLink, LogsInAndReports) {
  World world;
  EXPECT_EQ(world.link.state(), LinkState::kOffline);
  EXPECT_EQ(world.link.publish(Channel::kData, as_bytes("early"), world.clock.now()), fail(Error::kWrongState));
  ASSERT_TRUE(world.go_online());
  ASSERT_TRUE(world.link.publish(Channel::kData, as_bytes("23"), world.clock.now()));
  EXPECT_EQ(world.link.publish(Channel::kEvent, as_bytes("now"), world.clock.now()), fail(Error::kBusy));
  ASSERT_TRUE(world.run_until([&] { return world.link.all_acknowledged(); }));
  ASSERT_TRUE(world.deliver("event"));
  const auto& messages = world.broker.messages();
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0].topic, std::string(kRoot) + "status");
  EXPECT_EQ(messages[0].payload, "online");
  EXPECT_TRUE(messages[0].retained);
  EXPECT_EQ(messages[1].topic, std::string(kRoot) + "data");
  EXPECT_EQ(messages[1].payload, "23");
  EXPECT_FALSE(messages[1].retained);
  EXPECT_EQ(messages[2].topic, std::string(kRoot) + "event");
}

TEST(MqttLink, GoodbyeKeepsTheWillBack) {
  World world;
  ASSERT_TRUE(world.go_online());
  world.link.stop(world.clock.now());
  ASSERT_TRUE(world.run_until([&] { return world.link.state() == LinkState::kOffline; }, 5s));
  world.pass(1h);
  EXPECT_THAT(world.broker.payloads("status"), ElementsAre("online"));
  EXPECT_EQ(world.broker.sessions(), 0U);
  EXPECT_EQ(world.network.open_connections(), 0U);
  EXPECT_EQ(world.attempts(), 1U);
  EXPECT_EQ(world.link.last_error(), Error{});
  EXPECT_EQ(world.link.poll_timeout(), kNever);
}

TEST(MqttLink, LostConnectionIsToldByTheWill) {
  World world;
  ASSERT_TRUE(world.go_online());
  world.pass(1s);
  world.network.reset_all();
  ASSERT_TRUE(world.run_until([&] { return world.broker.logins() == 2; }));
  world.pass(1s);
  EXPECT_THAT(world.broker.payloads("status"), ElementsAre("online", "offline", "online"));
}

TEST(MqttLink, GoodbyeToABrokerThatIsGoneEndsInTime) {
  World world;
  ASSERT_TRUE(world.go_online());
  world.network.set_outage(true);
  world.link.stop(world.clock.now());
  EXPECT_TRUE(world.run_until([&] { return world.link.state() == LinkState::kOffline; }, 4s));
}

TEST(MqttLink, StopWhileConnecting) {
  World world;
  world.network.set_reach("hub.example", sim::Reach::kSilent);
  world.link.start(world.clock.now());
  world.pass(1s);
  EXPECT_EQ(world.link.state(), LinkState::kConnecting);
  world.link.stop(world.clock.now());
  EXPECT_EQ(world.link.state(), LinkState::kOffline);
  EXPECT_EQ(world.network.open_connections(), 0U);
}

TEST(MqttLink, StartOvertakesTheGoodbye) {
  World world;
  ASSERT_TRUE(world.go_online());
  world.network.set_conditions({.latency = 1s});
  world.link.stop(world.clock.now());
  world.link.start(world.clock.now());
  world.link.start(world.clock.now());
  EXPECT_TRUE(world.go_online(1min));
  EXPECT_TRUE(world.deliver("again"));
  EXPECT_EQ(world.network.open_connections(), 1U);
}

// Cut at byte n, for every n of the whole life of a connection: the message arrives, and is marked when it came twice.
TEST(MqttLink, T27_CutAtEveryByte) {
  std::uint64_t bytes = 0;
  {
    World world;
    ASSERT_TRUE(world.go_online());
    ASSERT_TRUE(world.deliver("message"));
    bytes = world.faults.wire_bytes;
  }
  ASSERT_GT(bytes, 200U);
  for (std::uint64_t cut = 1; cut <= bytes; ++cut) {
    SCOPED_TRACE("cut at byte " + std::to_string(cut));
    World world;
    world.faults.cut_connection_at = cut;
    ASSERT_TRUE(world.go_online());
    ASSERT_TRUE(world.deliver("message"));
    EXPECT_EQ(world.attempts(), 2U);
    std::size_t copies = 0;
    for (const auto& message : world.broker.messages()) {
      if (message.topic.ends_with("/event")) {
        EXPECT_EQ(message.payload, "message");
        EXPECT_TRUE(copies == 0 || message.duplicate);
        ++copies;
      }
    }
    EXPECT_GE(copies, 1U);
    EXPECT_LE(copies, 2U);
    EXPECT_EQ(world.broker.payloads("status").back(), "online");
  }
}

TEST(MqttLink, T27_OneByteAtATime) {
  World world;
  world.network.set_conditions({.latency = 50ms, .window = 7, .largest_piece = 1});
  ASSERT_TRUE(world.go_online());
  const std::string message(kMaxMessage, 'm');
  ASSERT_TRUE(world.deliver(message));
  EXPECT_THAT(world.broker.payloads("event"), ElementsAre(message));
}

TEST(MqttLink, T21_MuteBrokerTimesOutAndIsTriedAgain) {
  World world;
  world.broker.is_mute = true;
  EXPECT_FALSE(world.go_online(1min));
  EXPECT_EQ(world.link.last_error(), Error::kTimedOut);
  EXPECT_GE(world.attempts(), 2U);
  EXPECT_LE(world.attempts(), 3U);
  EXPECT_TRUE(world.recovers());
}

TEST(MqttLink, T21_MuteAfterTheMessage) {
  World world;
  ASSERT_TRUE(world.go_online());
  world.broker.acknowledges = false;
  ASSERT_TRUE(world.link.publish(Channel::kEvent, as_bytes("m"), world.clock.now()));
  ASSERT_TRUE(world.run_until([&] { return world.broker.logins() == 2; }));
  EXPECT_EQ(world.link.last_error(), Error::kTimedOut);
  EXPECT_FALSE(world.link.all_acknowledged());
  ASSERT_TRUE(world.recovers());
  EXPECT_TRUE(world.broker.messages().back().duplicate);
}

TEST(MqttLink, T21_HalfOpenConnectionIsNoticed) {
  World world;
  ASSERT_TRUE(world.go_online());
  world.network.set_outage(true);
  EXPECT_TRUE(world.run_until([&] { return world.link.state() != LinkState::kOnline; }, 66s));
  EXPECT_EQ(world.link.last_error(), Error::kTimedOut);
  world.network.set_outage(false);
  EXPECT_TRUE(world.recovers());
}

TEST(MqttLink, StaysOnlineByPings) {
  World world;
  ASSERT_TRUE(world.go_online());
  world.pass(24h);
  EXPECT_EQ(world.link.state(), LinkState::kOnline);
  EXPECT_EQ(world.attempts(), 1U);
}

TEST(MqttLink, T26_WrongPasswordIsToldAndTriedSeldom) {
  World world;
  world.broker.accounts["meter"] = "changed";
  EXPECT_FALSE(world.go_online(24h));
  EXPECT_EQ(world.link.last_error(), Error::kMqttRefused);
  EXPECT_LT(world.attempts(), 24U * 12U + 10U);  // every five minutes at the most
  EXPECT_GT(world.attempts(), 24U * 7U);
  world.broker.accounts["meter"] = "secret";
  EXPECT_TRUE(world.recovers());
}

TEST(MqttLink, T26_BackOffDoublesAndIsSpread) {
  std::vector<Instant> first_retries;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    World world(seed);
    world.network.set_reach("hub.example", sim::Reach::kRefused);
    world.link.start(world.clock.now());
    Duration pause = 2s;
    for (std::size_t attempt = 1; attempt <= 12; ++attempt) {
      ASSERT_TRUE(world.run_until([&] { return world.attempts() == attempt; }));
      const Instant failed = world.clock.now();
      ASSERT_TRUE(world.run_until([&] { return world.link.state() == LinkState::kOffline; }));
      const Duration wait = world.link.poll_timeout() - failed;
      EXPECT_GE(wait, pause);
      EXPECT_LE(wait, pause * 3 / 2);
      if (attempt == 1) {
        first_retries.push_back(world.link.poll_timeout());
      }
      pause = std::min(pause * 2, Duration(300s));
    }
  }
  std::sort(first_retries.begin(), first_retries.end());
  EXPECT_GT(first_retries.back() - first_retries.front(), 500ms);
}

TEST(MqttLink, T26_LoginThatIsTakenBackDoesNotShortenTheBackOff) {
  World world;
  world.link.start(world.clock.now());
  for (int i = 0; i < 400 && world.clock.now() < Instant(1h); ++i) {
    ASSERT_TRUE(world.run_until([&] { return world.link.state() == LinkState::kOnline; }));
    world.network.reset_all();
    ASSERT_TRUE(world.run_until([&] { return world.link.state() == LinkState::kOffline; }));
  }
  EXPECT_LT(world.attempts(), 24U);
  ASSERT_TRUE(world.go_online());
  world.pass(20s);  // it has settled
  const std::size_t attempts = world.attempts();
  world.network.reset_all();
  EXPECT_TRUE(world.run_until([&] { return world.attempts() == attempts + 1; }, 4s));
}

TEST(MqttLink, T27_StrangeGreetings) {
  for (const std::string& greeting : {"\x20\x02\x00\x03"s, "HTTP/1.1 400 Bad Request\r\n\r\n"s, "\x40\x02\x00\x01"s,
                                      "\x30\xFF\xFF\xFF\x7F"s, std::string(4000, '\0'), "\xD0\x00"s, "\x20\x02"s}) {
    SCOPED_TRACE(testing::PrintToString(greeting));
    World world;
    world.broker.greeting = greeting;
    EXPECT_FALSE(world.go_online(25s));
    EXPECT_NE(world.link.last_error(), Error{});
    EXPECT_TRUE(world.recovers());
  }
}

// Sends answers without end, as fast as they are taken.
class Flood final : public sim::Service {
 public:
  void on_connect(sim::Peer& peer, Instant) override {
    peer.send("\x20\x02\x00\x00"s);
    std::string answers;
    for (int i = 0; i < 100000; ++i) {
      answers += "\xD0\x00"s;
    }
    peer.send(answers);
  }
  void on_bytes(sim::Peer&, ByteView, Instant) override {}
  void on_close(sim::Peer&, sim::Ending, Instant) override {}
};

TEST(MqttLink, T20_EndlessAnswersDoNotHoldUpTheDevice) {
  sim::Clock clock;
  sim::FaultPlan faults;
  sim::Network network(clock, faults, {.window = 1U << 20});
  Flood flood;
  network.listen("hub.example", 1883, flood);
  Link link(network, kEndpoint, kDevice, 1);
  link.start(clock.now());
  link.poll(clock.now());
  network.poll();
  clock.advance(1ms);
  network.poll();
  const std::uint64_t before = faults.wire_bytes;
  link.poll(clock.now());
  EXPECT_LE(faults.wire_bytes - before, 2048U);
}

TEST(MqttLink, NoFreeConnectionIsTriedAgain) {
  World world;
  const Connection first = world.network.open("hub.example", 1883).value();
  const Connection second = world.network.open("hub.example", 1883).value();
  world.link.start(world.clock.now());
  world.pass(5s);
  EXPECT_EQ(world.link.state(), LinkState::kOffline);
  EXPECT_EQ(world.link.last_error(), Error::kNoSpace);
  world.network.close(first);
  world.network.close(second);
  EXPECT_TRUE(world.recovers());
}

TEST(MqttLink, MessageTooLongForIt) {
  World world;
  ASSERT_TRUE(world.go_online());
  const std::string message(kMaxMessage + 1, 'm');
  EXPECT_EQ(world.link.publish(Channel::kData, as_bytes(message), world.clock.now()), fail(Error::kMqttTooLarge));
  EXPECT_TRUE(world.link.all_acknowledged());
  EXPECT_TRUE(world.deliver("short"));
}

}  // namespace
}  // namespace ferry::mqtt
