// T63: what a device was told is safe is in the store, whenever the hub is killed.
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <numeric>
#include <sqlite3.h>
#include <thread>

#include "servers/hub/sockets.h"
#include "servers/hub/store.h"
#include "tests/hub/mqtt_device.h"
#include "tests/hub/server.h"
#include "tests/hub/wait.h"

namespace ferry::hub {
namespace {

using namespace std::chrono_literals;

std::string pack(int number) {
  return R"([{"n":"count","v":)" + std::to_string(number) + R"(,"bt":1700000000,"t":)" + std::to_string(number) + "}]";
}

class Killed : public testing::Test {
 protected:
  Killed() : port_(std::to_string(free_port("127.0.0.1"))) { start(); }

  void start() {
    server.reset();
    server = std::make_unique<Server>(place, std::vector<std::string>{"--mqtt-listen", "127.0.0.1:" + port_});
  }
  int publish() {
    const int id = device->publish(std::string("ferry/") + kMeter + "/data", pack(next_));
    numbers_[id] = next_++;
    return id;
  }
  // The numbers that were acknowledged so far.
  [[nodiscard]] std::vector<int> acknowledged() const {
    std::vector<int> all;
    for (const auto& [id, number] : numbers_) {
      if (device->is_acknowledged(id)) {
        all.push_back(number);
      }
    }
    return all;
  }
  void connect() {
    device = std::make_unique<MqttDevice>(server->mqtt_port(), "meter", "secret");
    numbers_.clear();  // message ids begin anew
    ASSERT_TRUE(eventually([&] { return device->is_online(); }));
  }
  [[nodiscard]] bool has_all(const std::vector<int>& numbers) const {
    const auto store = open_store("sqlite:" + place.file("hub/hub.sqlite").string());
    return std::all_of(numbers.begin(), numbers.end(), [&](int number) {
      const double time = 1700000000 + number;
      return store->readings({.device = kMeter, .name = "count", .from = time, .to = time, .limit = 1}).size() == 1;
    });
  }

  Place place;
  std::unique_ptr<Server> server;
  std::unique_ptr<MqttDevice> device;

 private:
  std::string port_;
  std::map<int, int> numbers_;  // by message id
  int next_ = 0;
};

TEST_F(Killed, T63_NothingAcknowledgedIsLost) {
  std::vector<int> safe;
  for (int round = 0; round < 6; ++round) {
    connect();
    int last = -1;
    for (int i = 0; i < 400; ++i) {
      last = publish();
    }
    const std::size_t enough = 40U * static_cast<std::size_t>(round);  // killed sooner or later
    ASSERT_TRUE(eventually([&] { return acknowledged().size() >= enough; })) << last;
    const pid_t broker = server->broker_pid();
    server->process().kill();
    EXPECT_TRUE(eventually([&] { return !is_alive(broker); })) << "the broker outlives the hub";
    EXPECT_TRUE(eventually([&] { return !device->is_online(); }));
    const auto now_safe = acknowledged();
    safe.insert(safe.end(), now_safe.begin(), now_safe.end());
    device.reset();
    start();
  }
  ASSERT_GE(safe.size(), 40U);
  EXPECT_TRUE(eventually([&] { return has_all(safe); })) << safe.size() << " were acknowledged\n" << server->log();
}

TEST_F(Killed, T63_BrokerKilledIsStartedAgain) {
  connect();
  ASSERT_TRUE(device->deliver(std::string("ferry/") + kMeter + "/data", pack(1)));
  const pid_t broker = server->broker_pid();
  ASSERT_GT(broker, 0);
  ASSERT_EQ(::kill(broker, SIGTERM), 0);
  ASSERT_TRUE(eventually([&] { return server->broker_pid() != broker && server->broker_pid() > 0; }));
  ASSERT_TRUE(eventually([&] { return device->is_online(); }));
  ASSERT_TRUE(device->deliver(std::string("ferry/") + kMeter + "/data", pack(2)));
  EXPECT_TRUE(eventually([&] { return has_all({1, 2}); }));
  EXPECT_THAT(server->log(), testing::HasSubstr("mosquitto ended"));
}

// The store fails for a while: the broker keeps what was not stored, and sends it again.
TEST_F(Killed, T63_StoreThatFailsLosesNothing) {
  connect();
  ASSERT_TRUE(device->deliver(std::string("ferry/") + kMeter + "/data", pack(0)));
  ASSERT_TRUE(eventually([&] { return has_all({0}); }));
  const auto run_sql = [this](const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(place.file("hub/hub.sqlite").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
  };
  run_sql("ALTER TABLE counters RENAME TO away");
  for (int number = 1; number < 600; ++number) {
    device->publish(std::string("ferry/") + kMeter + "/data", pack(number));
  }
  ASSERT_TRUE(device->deliver(std::string("ferry/") + kMeter + "/data", pack(600)));  // by the broker
  ASSERT_TRUE(eventually([&] { return server->log().find("again in") != std::string::npos; }));
  EXPECT_FALSE(has_all({600}));
  run_sql("ALTER TABLE away RENAME TO counters");
  std::vector<int> all(601);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_TRUE(eventually([&] { return has_all(all); }));
}

std::string field(const std::string& text) {
  return std::string{'\0', static_cast<char>(text.size())} + text;
}

std::string packet(char type, const std::string& body) {
  return std::string{type, static_cast<char>(body.size())} + body;
}

// A broker acknowledges what nobody subscribed to. A device that is there first, before the hub itself, loses nothing.
TEST(FirstStart, T63_DeviceThatIsThereBeforeTheHub) {
  const std::string connect = packet(
      '\x10', field("MQTT") + std::string("\x04\xc2\x00\x3c", 4) + field("x") + field("meter") + field("secret"));
  const std::string publish = packet('\x32', field(std::string("ferry/") + kMeter + "/data") +
                                                 std::string("\x00\x01", 2) + R"([{"n":"count","v":1}])");
  for (int round = 0; round < 3; ++round) {
    const Place place;
    const std::string address = "127.0.0.1:" + std::to_string(free_port("127.0.0.1"));
    std::atomic<bool> is_acknowledged = false;
    std::thread device(
        [&] { is_acknowledged = eventually([&] { return talk_raw(address, connect + publish, 8).size() == 8; }); });
    const Server server(place, {"--mqtt-listen", address});
    device.join();
    EXPECT_TRUE(is_acknowledged);
    EXPECT_TRUE(eventually([&] { return server.json("/api/v1/summary")["readings"] == 1; }, 5s));
  }
}

}  // namespace
}  // namespace ferry::hub
