// What an operator does with the hub's database and its options, as commands.
#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>

#include "servers/hub/database_url.h"
#include "servers/hub/sockets.h"
#include "servers/hub/store.h"
#include "tests/hub/foreign_broker.h"
#include "tests/hub/mqtt_device.h"
#include "tests/hub/server.h"
#include "tests/hub/wait.h"

namespace ferry::hub {
namespace {

using testing::HasSubstr;

std::string read_all(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

struct Said {
  int code = 0;
  std::string text;
};

// KiB of memory that the hub has, and had at most since reset_peak().
std::int64_t memory_of(const Server& server, const std::string& which) {
  std::ifstream status("/proc/" + std::to_string(server.pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(which + ":")) {
      return std::stoll(line.substr(which.size() + 1));
    }
  }
  return -1;
}

void reset_peak(const Server& server) {
  std::ofstream("/proc/" + std::to_string(server.pid()) + "/clear_refs") << "5";
}

class CommandTest : public testing::Test {
 protected:
  Said ferry(std::vector<std::string> arguments) {
    const auto output = place.file(("said-" + std::to_string(++commands_)).c_str());
    arguments.insert(arguments.begin(), FERRY_PROGRAM);
    host::ChildProcess process({.command = arguments, .output = output});
    const int code = process.wait(std::chrono::seconds(60));
    return {code, read_all(output)};
  }
  [[nodiscard]] std::string database() const { return "sqlite:" + place.file("hub/hub.sqlite").string(); }

  Place place;

 private:
  int commands_ = 0;
};

TEST_F(CommandTest, BackUpWhileTheHubRunsAndRestore) {
  Server server(place);
  MqttDevice meter(server.mqtt_port(), "meter", "secret");
  const auto measure = [&](int number) {
    return meter.deliver(std::string("ferry/") + kMeter + "/data",
                         R"([{"n":"count","v":1,"bt":1700000000,"t":)" + std::to_string(number) + "}]");
  };
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(measure(i));
  }
  ASSERT_TRUE(eventually([&] { return server.json("/api/v1/summary")["readings"] == 10; }));
  const std::string file = place.file("backup.sqlite").string();
  const Said said = ferry({"hub", "backup", "--db", database(), "--out", file, "--json"});
  ASSERT_EQ(said.code, 0) << said.text;
  EXPECT_EQ(Json::parse(said.text)["rows"]["readings"], 10);
  ASSERT_TRUE(measure(10));  // it goes on
  EXPECT_TRUE(eventually([&] { return server.json("/api/v1/summary")["readings"] == 11; }));
  EXPECT_THAT(ferry({"hub", "backup", "--db", database(), "--out", file}).text, HasSubstr("exists already"));
  const std::string copy = "sqlite:" + place.file("copy.sqlite").string();
  EXPECT_EQ(ferry({"hub", "restore", "--db", copy, "--from", file}).code, 0);
  EXPECT_EQ(open_store(copy)->summary().readings, 10);
  EXPECT_EQ(ferry({"hub", "restore", "--db", copy, "--from", file}).code, 1);
}

TEST_F(CommandTest, MigrateLeadsBackAndForth) {
  { Server server(place); }
  EXPECT_THAT(ferry({"hub", "migrate", "--db", database(), "--to", "1"}).text, HasSubstr(", 1 now"));
  EXPECT_THAT(ferry({"hub", "migrate", "--db", database()}).text, HasSubstr("step 1 before"));
  EXPECT_THAT(ferry({"hub", "migrate", "--db", database(), "--to", "99"}).text, HasSubstr("none 99"));
  EXPECT_THAT(ferry({"hub", "migrate", "--db", "mysql:x"}).text, HasSubstr("postgresql://"));
}

TEST_F(CommandTest, OptionsComeFromAFile) {
  const auto file = place.file("hub.conf");
  std::ofstream(file) << "silent-after = 2h\ntoken-file = " << place.file("token").string() << "\nlisten = nonsense\n";
  const Server server(place, {"--config", file.string(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(server.get("/readyz").status, 200);
  EXPECT_TRUE(std::filesystem::exists(place.file("token")));
  std::ofstream(file) << "silent-after = 2h\nsilence = 2h\n";
  const Said said = ferry({"hub", "--config", file.string()});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.text, HasSubstr("line 2: there is no option \"silence\""));
}

// The file that is delivered is understood, and has every option.
TEST_F(CommandTest, TheDeliveredFileHasEveryOption) {
  const std::string delivered = read_all(FERRY_HUB_CONF);
  const std::string help = ferry({"hub", "--help"}).text;
  const std::regex option(R"(\n  (?:-h,)?--([a-z-]+))");
  int found = 0;
  for (std::sregex_iterator one(help.begin(), help.end(), option), end; one != end; ++one) {
    const std::string name = (*one)[1];
    if (name != "help" && name != "config") {
      EXPECT_TRUE(std::regex_search(delivered, std::regex("\n(# )?" + name + " = \\S"))) << name;
      ++found;
    }
  }
  EXPECT_GE(found, 15) << help;
  std::string all =
      std::regex_replace(delivered, std::regex("\n# (mqtt|mqtt-[a-z-]+|db|name|dir|tls-[a-z]+) = [^\n]*"), "\n");
  all = std::regex_replace(all, std::regex("\n# ([a-z-]+ = [^\n]*)"), "\n$1");
  all = std::regex_replace(all, std::regex("(devices|token-file|listen|mqtt-listen) = [^\n]*"), "");
  const auto file = place.file("all.conf");
  std::ofstream(file) << std::regex_replace(all, std::regex("json = false"), "json = true");
  const Server server(place, {"--config", file.string()});
  EXPECT_EQ(server.get("/readyz").status, 200);
}

// Ready: what is published from then on reaches the hub.
TEST_F(CommandTest, ReadyOnceItIsSubscribed) {
  const std::uint16_t port = free_port("127.0.0.1");
  const Server server(place, {"--mqtt", "mqtt://127.0.0.1:" + std::to_string(port)});
  EXPECT_EQ(server.get("/readyz").status, 503);
  EXPECT_EQ(server.json("/readyz")["store"], true);
  EXPECT_EQ(server.json("/readyz")["broker"], false);
  EXPECT_EQ(server.get("/healthz").status, 200);
  const ForeignBroker broker(place, port);
  ASSERT_TRUE(eventually([&] { return server.get("/readyz").status == 200; })) << server.log();
  MqttDevice meter(port, "meter", "secret");
  ASSERT_TRUE(meter.deliver(std::string("ferry/") + kMeter + "/status", "online"));
  EXPECT_TRUE(eventually([&] { return server.json("/api/v1/summary")["online"] == 1; }));
}

// Little of it is in memory at a time.
TEST_F(CommandTest, ALongExportTakesNoMemory) {
  constexpr int kReadings = 300'000;
  const Server server(place);
  MqttDevice meter(server.mqtt_port(), "meter", "secret");
  ASSERT_TRUE(meter.deliver(std::string("ferry/") + kMeter + "/data", R"([{"n":"count","v":1,"t":1700000000}])"));
  ASSERT_TRUE(eventually([&] { return server.json("/api/v1/summary")["readings"] == 1; }));
  *open_session(database()) << "INSERT INTO readings (series, time, value) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                               "SELECT i + 1 FROM n WHERE i < "
                            << kReadings - 1 << ") SELECT 1, 1700000000 + i, i FROM n";
  const std::string target = std::string("/api/v1/export/readings?device=") + kMeter;
  const std::string request = "GET " + target + " HTTP/1.0\r\nAuthorization: Bearer " + server.token() + "\r\n\r\n";
  EXPECT_GT(talk_raw(server.http(), request).size(),
            15U << 20);  // the caches of the connections to the database are full then
  reset_peak(server);
  const std::int64_t before = memory_of(server, "VmRSS");
  const std::string answer = talk_raw(server.http(), request);
  EXPECT_LT(memory_of(server, "VmHWM") - before, 8 << 10);
  EXPECT_THAT(answer, testing::StartsWith("HTTP/1.0 200"));
  const auto body = answer.begin() + static_cast<std::ptrdiff_t>(answer.find("\r\n\r\n") + 4);
  EXPECT_EQ(std::count(body, answer.end(), '\n'), kReadings + 1);
  const std::string chunked = talk_raw(server.http(), "GET " + target +
                                                          "&to=1700000999 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                                                          "Authorization: Bearer " +
                                                          server.token() + "\r\n\r\n");
  EXPECT_THAT(chunked, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(chunked, testing::EndsWith("\r\n0\r\n\r\n"));
}

// A full disk: what was not stored stays with the broker, until there is room.
TEST_F(CommandTest, T63_AFullDiskLosesNothing) {
  const int kMessages = 3000;
  const std::string long_name(120, 'n');
  {
    Server server(place, {}, 1'000'000);
    MqttDevice meter(server.mqtt_port(), "meter", "secret");
    int last = -1;
    for (int i = 0; i < kMessages; ++i) {
      last = meter.publish(std::string("ferry/") + kMeter + "/data",
                           R"([{"n":")" + long_name + std::to_string(i) + R"(","v":1,"t":1700000000}])");
    }
    EXPECT_TRUE(eventually([&] { return meter.is_acknowledged(last); }));  // by the broker
    EXPECT_TRUE(eventually([&] { return server.log().find("again in") != std::string::npos; })) << server.log();
    EXPECT_LT(server.json("/api/v1/summary").value("readings", 0), kMessages);
    EXPECT_THAT(server.log(), testing::ContainsRegex("disk|full|I/O"));
  }
  const Server again(place);
  EXPECT_TRUE(eventually([&] { return again.json("/api/v1/summary").value("readings", 0) == kMessages; }))
      << again.log();
}

}  // namespace
}  // namespace ferry::hub
