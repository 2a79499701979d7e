// What the driver does besides surviving faults: two connections, uploads, rates, power, clock, release of the bearer.
#include "device/mqtt/link.h"
#include "sim/mqtt_broker.h"
#include "tests/modem/world.h"

namespace ferry::modem {
namespace {

class Driver : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Families, Driver, ::testing::ValuesIn(all_cases()),
                         [](const auto& each) { return each.param.name; });

TEST_P(Driver, RaisesTheRate) {
  World world(GetParam(), {.baud = 921600});
  ASSERT_TRUE(world.run_until(State::kReady, 30s));
  EXPECT_EQ(world.module.uart().baud(), 921600U);
  EXPECT_EQ(world.driver->report().baud, 921600U);
  world.server.files["image"] = content(60000);
  ASSERT_EQ(world.fetch("image", 60000), ftp::DownloadState::kDone);
  EXPECT_EQ(world.sink.bytes, content(60000));
  EXPECT_EQ(world.module.uart().overruns(), 0U);
}

TEST_P(Driver, FindsAModuleAtARateOfItsOwn) {
  for (const std::uint32_t baud : {9600U, 57600U, 460800U}) {
    World world(GetParam(), {}, {.baud = baud});
    ASSERT_TRUE(world.run_until(State::kReady, 60s)) << baud;
    EXPECT_EQ(world.module.uart().baud(), 115200U);
  }
}

TEST_P(Driver, T40_OverrunWithoutFlowControlIsNoticed) {
  World world(GetParam(), {.flow = FlowControl::kNone});
  world.module.uart().host_buffer = 64;
  world.step = 8;  // a slow main loop: 92 bytes come in between
  world.server.files["image"] = content(3000);
  world.download->start(kServer, "image", 3000, 3000, world.sink, world.clock.now());
  world.run([&] { return world.download->state() != ftp::DownloadState::kWorking; }, 2h);
  EXPECT_GT(world.module.uart().overruns(), 0U);
  EXPECT_EQ(world.sink.bytes, content(3000).substr(0, world.sink.bytes.size()));
}

TEST_P(Driver, FlowControlHoldsTheModuleOff) {
  World world(GetParam());
  world.module.uart().host_buffer = 64;
  world.step = 20;
  world.server.files["image"] = content(20000);
  ASSERT_EQ(world.fetch("image", 20000), ftp::DownloadState::kDone);
  EXPECT_EQ(world.module.uart().overruns(), 0U);
  EXPECT_EQ(world.sink.bytes, content(20000));
}

TEST_P(Driver, T40_PayloadThatLooksLikeAnswers) {
  std::string file;
  for (int i = 0; i < 300; ++i) {
    file += "\r\nOK\r\n+++ \r\n+QIURC: \"closed\",0\r\n+IPCLOSE: 0,1\r\n+UUSOCL: 0\r\n> @ \x80\xFF\r\nERROR\r\nRDY\r\n";
    file += std::string(1, '\0') + "\r\n+QIURC: \"pdpdeact\",1\r\n" + std::string(static_cast<std::size_t>(i % 5), 'x');
  }
  World world(GetParam());
  const auto size = static_cast<std::uint32_t>(file.size());
  world.server.files["image"] = file;
  ASSERT_EQ(world.fetch("image", size), ftp::DownloadState::kDone);
  EXPECT_TRUE(world.sink.bytes == file);
  EXPECT_EQ(world.driver->report().breaks, 0U);
  EXPECT_EQ(world.server.sessions(), 1U);
}

TEST_P(Driver, Uploads) {
  const std::string report = content(5000) + "\r\n+++\r\nAT\r\n\x1A";
  World world(GetParam());
  world.client->connect(kServer, world.clock.now());
  ASSERT_TRUE(world.run([&] { return world.client->state() == ftp::ClientState::kReady; }, 60s));
  world.client->store("report", as_bytes(report), world.clock.now());
  ASSERT_TRUE(world.run([&] { return world.client->state() == ftp::ClientState::kReady; }, 60s));
  EXPECT_TRUE(world.client->outcome().has_value());
  EXPECT_EQ(world.server.files["report"], report);
}

TEST_P(Driver, ManyFilesOneAfterTheOther) {
  World world(GetParam());
  for (int i = 0; i < 20; ++i) {
    const std::string file = "f" + std::to_string(i);
    const auto size = static_cast<std::uint32_t>(1 + i * 400);
    world.server.files[file] = content(size, static_cast<std::uint32_t>(i));
    world.sink.bytes.clear();
    ASSERT_EQ(world.fetch(file, size, 2min), ftp::DownloadState::kDone) << i << world.told();
    ASSERT_EQ(world.sink.bytes, content(size, static_cast<std::uint32_t>(i)));
  }
  EXPECT_EQ(world.server.sessions(), 1U);
  EXPECT_LE(world.module.open_links(), 2U);
}

TEST_P(Driver, TheBearerGoesDownSoonAfterTheLastConnection) {
  World world(GetParam());
  world.server.files["image"] = content(100);
  ASSERT_EQ(world.fetch("image", 100), ftp::DownloadState::kDone);
  world.client->close();
  ASSERT_TRUE(world.run([&] { return !world.module.bearer_is_up(); }, 6s));
  ASSERT_TRUE(world.run_until(State::kReady, 3s));
  world.sink.bytes.clear();
  ASSERT_EQ(world.fetch("image", 100, 60s), ftp::DownloadState::kDone);  // and up again when it is needed
}

TEST_P(Driver, StopSwitchesOffInOrder) {
  World world(GetParam());
  world.server.files["image"] = content(100);
  ASSERT_EQ(world.fetch("image", 100), ftp::DownloadState::kDone);
  world.driver->stop(world.clock.now());
  ASSERT_TRUE(world.run_until(State::kOff, 70s));
  EXPECT_FALSE(world.module.is_on());
  EXPECT_FALSE(world.driver->open("ftp.example", 21).has_value());
  world.driver->start(world.clock.now());
  world.sink.bytes.clear();
  ASSERT_EQ(world.fetch("image", 100, 5min), ftp::DownloadState::kDone);
  EXPECT_EQ(world.module.power_cycles(), 1U);
}

TEST_P(Driver, SwitchesOnAModuleThatIsOff) {
  World world(GetParam(), {}, {.powered = false});
  ASSERT_TRUE(world.run_until(State::kReady, 60s));
  EXPECT_EQ(world.module.power_cycles(), 1U);
}

TEST_P(Driver, T40_AWrongClockIsNoClock) {
  World world(GetParam());
  world.module.faults() = sim::ModemFaults::parse("always wrong-clock");
  ASSERT_TRUE(world.run_until(State::kReady, 30s));
  EXPECT_FALSE(world.driver->wall_time(world.clock.now()).has_value());
}

TEST_P(Driver, WithoutASimCardItWaitsAndTriesMoreAndMoreSeldom) {
  World world(GetParam(), {}, {.sim_card = false});
  world.run_for(6h);
  EXPECT_NE(world.driver->state(), State::kOnline);
  EXPECT_LE(world.module.power_cycles(), 10U);
}

TEST_P(Driver, AFirstRegistrationMayTakeAQuarterOfAnHour) {
  World world(GetParam(), {}, {.registration = 14min, .powered = false});
  ASSERT_TRUE(world.run_until(State::kReady, 16min));
  EXPECT_EQ(world.module.power_cycles(), 1U);
}

TEST_P(Driver, ADeadServerCostsTheDownloadAndNotTheModule) {
  World world(GetParam());
  world.network.set_reach("ftp.example", sim::Reach::kRefused);
  world.server.files["image"] = content(100);
  EXPECT_EQ(world.fetch("image", 100, 2h), ftp::DownloadState::kFailed);
  EXPECT_EQ(world.module.power_cycles(), 0U);
}

TEST_P(Driver, ConnectionsAreRefusedThatCannotBeNamed) {
  World world(GetParam());
  EXPECT_EQ(world.driver->open("a\"b", 21).error(), Error::kInvalidArgument);
  EXPECT_EQ(world.driver->open(std::string(65, 'a'), 21).error(), Error::kInvalidArgument);
  EXPECT_EQ(world.driver->open("", 21).error(), Error::kInvalidArgument);
  EXPECT_EQ(world.driver->open_beside(Connection::kNone, 21).error(), Error::kInvalidArgument);
  ASSERT_TRUE(world.driver->open("a", 1).has_value());
  ASSERT_TRUE(world.driver->open("b", 1).has_value());
  EXPECT_EQ(world.driver->open("c", 1).error(), Error::kNoSpace);
}

// The business link keeps its connection for hours, says what it has to say, and notices when it is gone.
TEST_P(Driver, CarriesTheBusinessLink) {
  World world(GetParam());
  sim::MqttBroker broker("hub.example");
  broker.attach(world.network);
  Endpoint business{.host = "hub.example", .port = 1883, .user = "device", .password = "token"};
  mqtt::Link link(*world.driver, business, Uuid{}, 1);
  world.also_due = [&] { return link.poll_timeout(); };
  link.start(world.clock.now());
  const auto run = [&](auto done, Duration limit) {
    return world.run(
        [&] {
          link.poll(world.clock.now());
          return done();
        },
        limit);
  };
  ASSERT_TRUE(run([&] { return link.state() == LinkState::kOnline; }, 2min));
  ASSERT_TRUE(link.publish(Channel::kData, as_bytes("[1,2,3]"), world.clock.now()).has_value());
  ASSERT_TRUE(run([&] { return link.all_acknowledged(); }, 30s));
  world.module.faults() = sim::ModemFaults::parse("at 0 pdpdeact");
  ASSERT_TRUE(run([&] { return link.state() != LinkState::kOnline; }, 2min));
  ASSERT_TRUE(run([&] { return link.state() == LinkState::kOnline; }, 10min));
}

}  // namespace
}  // namespace ferry::modem
