// What an operator does with the hub's database and its options, as commands.
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>

#include "servers/hub/store.h"
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
  std::string all = std::regex_replace(delivered, std::regex("\n# (mqtt|mqtt-[a-z-]+|db|name|dir|tls-[a-z]+) = [^\n]*"), "\n");
  all = std::regex_replace(all, std::regex("\n# ([a-z-]+ = [^\n]*)"), "\n$1");
  all = std::regex_replace(all, std::regex("(devices|token-file|listen|mqtt-listen) = [^\n]*"), "");
  const auto file = place.file("all.conf");
  std::ofstream(file) << std::regex_replace(all, std::regex("json = false"), "json = true");
  const Server server(place, {"--config", file.string()});
  EXPECT_EQ(server.get("/readyz").status, 200);
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
