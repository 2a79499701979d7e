// Several hubs on one broker and one PostgreSQL: T63 holds for all of them together.
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "host/peers/postgresql_peer.h"
#include "servers/hub/database_url.h"
#include "servers/hub/hub.h"
#include "servers/hub/sql.h"
#include "servers/hub/store.h"
#include "tests/hub/foreign_broker.h"
#include "tests/hub/mqtt_device.h"
#include "tests/hub/wait.h"

namespace ferry::hub {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr auto kLong = 60s;

std::string pack(int number) {
  return R"([{"n":"count","v":)" + std::to_string(number) + R"(,"bt":1700000000,"t":)" + std::to_string(number) + "}]";
}

std::string event(EventKind kind, std::int64_t time) {
  std::array<std::uint8_t, kMaxEventSize> buffer{};
  return std::string(as_text(encode({.kind = kind, .time = time}, buffer).value()));
}

class CrewTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { postgresql = std::make_unique<host::PostgresqlPeer>(); }
  static void TearDownTestSuite() { postgresql.reset(); }

  [[nodiscard]] std::unique_ptr<Server> start(const Place& home) const {
    return std::make_unique<Server>(home, std::vector<std::string>{"--mqtt", broker.url(), "--db", database});
  }
  void connect(const char* user = "meter") {
    device = std::make_unique<MqttDevice>(broker.port(), user, "secret");
    ASSERT_TRUE(eventually([&] { return device->is_online(); }));
  }
  // Message ids are used again, so what is acknowledged is waited for in rounds.
  void publish(int count) {
    std::vector<int> ids;
    for (int i = 0; i < count; ++i) {
      ids.push_back(device->publish(std::string("ferry/") + kMeter + "/data", pack(next++)));
    }
    for (const int id : ids) {
      ASSERT_TRUE(eventually([&] { return device->is_acknowledged(id); }, kLong));
    }
  }
  [[nodiscard]] std::int64_t number(const std::string& query) const {
    return count(*open_session(database), Sql(query));
  }
  [[nodiscard]] bool has_all() const { return number("SELECT COUNT(*) FROM readings") == next; }
  [[nodiscard]] static std::int64_t messages_of(const Server& server) {
    const std::string metrics = server.get("/metrics").body;
    const std::string name = "\nferry_hub_ingest_messages_total ";
    const std::size_t at = metrics.find(name);
    return at == std::string::npos ? -1 : std::stoll(metrics.substr(at + name.size()));
  }
  [[nodiscard]] static bool has_duties(const Server& server) { return server.json("/readyz").value("duties", false); }

  static std::unique_ptr<host::PostgresqlPeer> postgresql;
  Place place;
  Place other_place;
  ForeignBroker broker{place};
  std::string database = postgresql->make_database();
  std::unique_ptr<MqttDevice> device;
  int next = 0;
};

std::unique_ptr<host::PostgresqlPeer> CrewTest::postgresql;

TEST_F(CrewTest, HubsShareTheWork) {
  const auto first = start(place);
  const auto second = start(other_place);
  connect();
  publish(1000);
  EXPECT_TRUE(eventually([&] { return has_all(); }, kLong));
  EXPECT_EQ(number("SELECT value FROM counters WHERE name = 'readings'"), 1000);
  EXPECT_EQ(number("SELECT COUNT(*) FROM refusals"), 0);
  EXPECT_GE(messages_of(*first), 300);
  EXPECT_GE(messages_of(*second), 300);
  EXPECT_TRUE(eventually([&] { return has_duties(*first) != has_duties(*second); }));
}

// Either is killed while messages come: the one with the duties, the other one, and after that the one that is left.
TEST_F(CrewTest, T63_AHubThatIsKilledLosesNothing) {
  auto first = start(place);
  auto second = start(other_place);
  ASSERT_TRUE(eventually([&] { return has_duties(*first); }, kLong));
  connect();
  for (int round = 0; round < 3; ++round) {
    auto& killed = round == 1 ? second : first;
    const Place& its_place = round == 1 ? other_place : place;
    std::thread publisher([&] { publish(1500); });
    const std::int64_t before = number("SELECT COUNT(*) FROM readings");
    EXPECT_TRUE(eventually([&] { return number("SELECT COUNT(*) FROM readings") > before + 100; }, kLong));
    killed->process().kill();
    publisher.join();
    EXPECT_TRUE(eventually([&] { return has_all(); }, kLong)) << round << ": " << next << "\n" << first->log();
    EXPECT_TRUE(eventually([&] { return number("SELECT COUNT(*) FROM hubs") == 1; }, kLong));
    EXPECT_EQ(number("SELECT value FROM counters WHERE name = 'readings'"), next);
    killed = start(its_place);
  }
  publish(200);
  EXPECT_TRUE(eventually([&] { return has_all(); }, kLong));
  EXPECT_EQ(number("SELECT COUNT(*) FROM hubs"), 2);
}

TEST_F(CrewTest, T63_WhenAllAreGoneTheBrokerKeepsWhatComes) {
  auto first = start(place);
  auto second = start(other_place);
  connect();
  first->process().kill();
  second->process().kill();
  publish(5000);  // more than the broker has on its way at a time
  ASSERT_TRUE(device->deliver(std::string("ferry/") + kMeter + "/event", event(EventKind::kWindow, 10)));
  first = start(place);
  EXPECT_TRUE(eventually([&] { return has_all(); }, kLong)) << first->log();
  EXPECT_TRUE(eventually([&] { return number("SELECT COUNT(*) FROM hubs") == 1; }, kLong));
  EXPECT_TRUE(eventually([&] { return number("SELECT COUNT(*) FROM events") == 1; }, kLong));
}

// One hub at a time takes the events, in their order.
TEST_F(CrewTest, T63_EventsAreTakenOnceAndInOrder) {
  auto first = start(place);
  const auto second = start(other_place);
  ASSERT_TRUE(eventually([&] { return has_duties(*first); }, kLong));
  connect();
  const std::string topic = std::string("ferry/") + kMeter + "/event";
  for (int i = 0; i < 100; ++i) {
    if (i == 50) {
      first->process().kill();
    }
    ASSERT_TRUE(device->deliver(topic, event(i % 2 == 0 ? EventKind::kWindow : EventKind::kNothingNewer, 100 + i)));
  }
  EXPECT_TRUE(eventually([&] { return number("SELECT COUNT(*) FROM events") == 100; }, kLong));
  EXPECT_TRUE(has_duties(*second));
  EXPECT_EQ(number("SELECT COUNT(*) FROM events a JOIN events b ON b.id > a.id AND b.time < a.time"), 0);
  EXPECT_EQ(number("SELECT COUNT(*) FROM visits WHERE outcome = 'nothing_newer'"), 50);
}

TEST_F(CrewTest, NewsOfOneAreToldByTheOther) {
  const auto first = start(place);
  const auto second = start(other_place);
  ASSERT_TRUE(eventually([&] { return has_duties(*first); }, kLong));
  connect();
  ASSERT_TRUE(device->deliver(std::string("ferry/") + kMeter + "/status", "online"));
  ASSERT_TRUE(eventually([&] { return number("SELECT COUNT(*) FROM devices WHERE online = 1") == 1; }));
  std::atomic<bool> is_done = false;
  std::string heard;
  std::thread listener([&] {
    heard = talk_raw(second->http(),
                     std::string("GET /api/v1/stream?device=") + kMeter +
                         " HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer " + second->token() + "\r\n\r\n",
                     6000);
    is_done = true;
  });
  for (int i = 1; !is_done && i < 20'000; ++i) {
    if (i % 200 == 1) {
      ASSERT_TRUE(device->deliver(std::string("ferry/") + kMeter + "/event", event(EventKind::kStarted, i)));
    }
    publish(1);
  }
  listener.join();
  EXPECT_THAT(heard, HasSubstr("event: device\ndata: {"));
  EXPECT_THAT(heard, HasSubstr("event: readings\ndata: {")) << second->log();
}

TEST_F(CrewTest, T63_ADatabaseThatIsKilledLosesNothing) {
  const auto first = start(place);
  const auto second = start(other_place);
  connect();
  std::thread publisher([&] { publish(3000); });
  EXPECT_TRUE(eventually([&] { return number("SELECT COUNT(*) FROM readings") > 300; }, kLong));
  postgresql->kill();
  EXPECT_TRUE(eventually([&] { return first->get("/readyz").status == 503; }));
  EXPECT_EQ(first->json("/readyz")["store"], false);
  EXPECT_THAT(first->json("/readyz")["store_fault"].get<std::string>(), HasSubstr("refused"));
  EXPECT_EQ(first->json("/api/v1/summary")["error"]["code"], "unavailable");
  EXPECT_TRUE(eventually([&] { return first->log().find("again in") != std::string::npos; }));
  publisher.join();
  EXPECT_THAT(first->log(), testing::Not(HasSubstr("secret@")));
  postgresql->start();
  EXPECT_TRUE(eventually([&] { return has_all(); }, kLong)) << first->log() << second->log();
  EXPECT_TRUE(eventually([&] { return first->get("/readyz").status == 200 && second->get("/readyz").status == 200; }));
  EXPECT_EQ(number("SELECT value FROM counters WHERE name = 'readings'"), next);
}

TEST_F(CrewTest, TwoOfOneNameAreRefused) {
  const auto first = std::make_unique<Server>(
      place, std::vector<std::string>{"--mqtt", broker.url(), "--db", database, "--name", "one"});
  EXPECT_THROW(Hub({.mqtt = broker.url(), .database = database, .name = "one", .folder = other_place.file("x")}),
               std::exception);
}

}  // namespace
}  // namespace ferry::hub
