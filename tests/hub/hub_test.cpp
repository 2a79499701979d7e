// The business server as its users see it: devices over MQTT on one side, the API on the other.
#include "servers/hub/hub.h"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "device/senml/pack.h"
#include "host/failure.h"
#include "tests/hub/mqtt_device.h"
#include "tests/hub/server.h"
#include "tests/hub/wait.h"

namespace ferry::hub {
namespace {

using testing::HasSubstr;

std::string topic(const std::string& leaf, const std::string& device = kMeter) {
  return "ferry/" + device + "/" + leaf;
}

std::string encoded(const Event& event) {
  std::array<std::uint8_t, kMaxEventSize> buffer{};
  return std::string(as_text(encode(event, buffer).value()));
}

std::string voltage(double time) {
  std::array<std::uint8_t, 128> buffer{};
  senml::PackWriter pack(buffer, 1, "urn:dev:ops:0001:", time);
  return std::string(as_text(pack.add("voltage", "V", 230.5).finish().value()));
}

TEST(Hub, TakesDataAndEventsAndTellsThem) {
  const Place place;
  Server server(place);
  MqttDevice meter(server.mqtt_port(), "meter", "secret");
  ASSERT_TRUE(meter.deliver(topic("status"), "online", true));
  ASSERT_TRUE(meter.deliver(topic("data"), voltage(1.7e9)));
  const Event event{.kind = EventKind::kRefused, .time = 1700000000, .error = Error::kNotForThisDevice, .sequence = 3};
  ASSERT_TRUE(meter.deliver(topic("event"), encoded(event)));
  ASSERT_TRUE(eventually([&] { return server.lines().size() == 2; }));
  const Json line = server.lines()[1];
  EXPECT_EQ(line["event"], "device");
  EXPECT_EQ(line["device"], kMeter);
  EXPECT_EQ(line["kind"], "refused");
  EXPECT_EQ(line["error"], "not_for_this_device");
  const std::string path = std::string("/api/v1/devices/") + kMeter;
  const Json readings = server.json(path + "/readings?name=voltage")["readings"];
  ASSERT_EQ(readings.size(), 1U);
  EXPECT_EQ(readings[0]["value"], 230.5);
  EXPECT_EQ(readings[0]["time"], 1.7e9);
  EXPECT_EQ(server.json("/api/v1/events?after=0")["events"][0]["kind"], "refused");
  EXPECT_EQ(server.json(path)["online"], true);
  EXPECT_EQ(server.json("/api/v1/summary")["devices"], 2);
}

TEST(Hub, ALostDeviceIsOffline) {
  const Place place;
  Server server(place);
  {
    MqttDevice meter(server.mqtt_port(), "meter", "secret");
    ASSERT_TRUE(meter.deliver(topic("status"), "online", true));
    ASSERT_TRUE(eventually([&] { return server.json("/api/v1/summary")["online"] == 1; }));
    ASSERT_TRUE(meter.deliver(topic("status"), "offline", true));
  }
  EXPECT_TRUE(eventually([&] { return server.json("/api/v1/summary")["online"] == 0; }));
}

TEST(Hub, T60_NobodyWithoutAnAccount) {
  const Place place;
  Server server(place);
  for (const auto& [user, password] :
       {std::pair("meter", "word"), std::pair("meter", ""), std::pair("nobody", "secret"), std::pair("ferry-hub", ""),
        std::pair("ferry-hub", "secret")}) {
    MqttDevice stranger(server.mqtt_port(), user, password);
    EXPECT_TRUE(eventually([&] { return stranger.was_refused(); })) << user;
    EXPECT_FALSE(stranger.is_online());
  }
}

TEST(Hub, T60_CannotPublishAsAnother) {
  const Place place;
  Server server(place);
  MqttDevice other(server.mqtt_port(), "other", "word", kMeter);
  for (const char* leaf : {"status", "data", "event"}) {
    ASSERT_TRUE(other.deliver(topic(leaf), leaf == std::string("status") ? "online" : voltage(1.7e9), true));
  }
  ASSERT_TRUE(other.deliver(topic("anything", kOther), "x"));
  ASSERT_TRUE(other.deliver(topic("data", kOther), voltage(1.7e9)));  // after those, on the same connection
  ASSERT_TRUE(eventually([&] { return server.json("/api/v1/summary")["readings"] == 1; }));
  const Json meter = server.json(std::string("/api/v1/devices/") + kMeter);
  EXPECT_EQ(meter["last_seen"], nullptr);
  EXPECT_EQ(meter["online"], false);
  EXPECT_EQ(server.json("/api/v1/summary")["refused"], Json::object());
}

TEST(Hub, T60_CannotListenToOthers) {
  const Place place;
  Server server(place);
  MqttDevice other(server.mqtt_port(), "other", "word");
  ASSERT_TRUE(eventually([&] { return other.is_online(); }));
  for (const char* filter :
       {"ferry/+/data", "ferry/#", "#", "$SYS/#", "ferry/01234567-89ab-4cde-8f01-23456789abcd/data"}) {
    other.subscribe(filter);
    ASSERT_TRUE(eventually([&] { return other.is_subscribed(); })) << filter;
  }
  MqttDevice meter(server.mqtt_port(), "meter", "secret");
  ASSERT_TRUE(meter.deliver(topic("data"), voltage(1.7e9), true));
  ASSERT_TRUE(eventually([&] { return server.json("/api/v1/summary")["readings"] == 1; }));
  ASSERT_TRUE(other.deliver(topic("status", kOther), "online"));
  EXPECT_TRUE(other.received().empty()) << other.received().front();
}

TEST(Hub, T60_CannotTakeOverAnothersSession) {
  const Place place;
  Server server(place);
  MqttDevice meter(server.mqtt_port(), "meter", "secret", "meter");
  ASSERT_TRUE(meter.deliver(topic("status"), "online"));
  for (const char* client_id : {"meter", "ferry-hub"}) {
    MqttDevice other(server.mqtt_port(), "other", "word", client_id);
    ASSERT_TRUE(other.deliver(topic("data", kOther), voltage(1.7e9)));
  }
  EXPECT_TRUE(meter.is_online());
  ASSERT_TRUE(meter.deliver(topic("data"), voltage(1.7e9)));
  EXPECT_TRUE(eventually([&] { return server.json("/api/v1/summary")["readings"] == 2; }));
  EXPECT_THAT(server.log(), testing::Not(HasSubstr("business link")));
}

TEST(Hub, T61_BadMessagesAreCountedAndNothingElseIsLost) {
  const Place place;
  Server server(place);
  MqttDevice meter(server.mqtt_port(), "meter", "secret");
  const std::string not_a_number("\x81\xa2\x00\x61\x61\x02\xf9\x7e\x00", 9);
  ASSERT_TRUE(meter.deliver(topic("data"), voltage(1.7e9)));
  for (const std::string& bad : {std::string("junk"), std::string(), std::string(20000, '['), not_a_number,
                                 voltage(4e9), voltage(1.7e9), std::string(70000, 'x')}) {
    ASSERT_TRUE(meter.deliver(topic("data"), bad));
  }
  ASSERT_TRUE(meter.deliver(topic("event"), "junk"));
  ASSERT_TRUE(meter.deliver(topic("status"), "maybe"));
  ASSERT_TRUE(meter.deliver(topic("data"), voltage(1.7e9 + 1)));
  ASSERT_TRUE(eventually([&] { return server.json("/api/v1/summary")["readings"] == 2; }));
  EXPECT_EQ(server.json(std::string("/api/v1/devices/") + kMeter)["refused"],
            Json({{"far_future", 1}, {"malformed", 4}, {"not_finite", 1}, {"replayed", 1}, {"too_large", 1}}));
}

TEST(Hub, RegistryIsReadAnew) {
  const Place place;
  place.write_registry(false);
  Server server(place);
  MqttDevice meter(server.mqtt_port(), "meter", "secret");
  ASSERT_TRUE(meter.deliver(topic("status"), "online"));
  place.write_registry(true);
  server.process().signal(SIGHUP);
  MqttDevice other(server.mqtt_port(), "other", "word");
  ASSERT_TRUE(other.deliver(topic("data", kOther), voltage(1.7e9)));
  EXPECT_TRUE(eventually([&] { return server.json("/api/v1/summary")["readings"] == 1; }));
  EXPECT_TRUE(meter.is_online());
  place.write_registry(false);
  server.process().signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return !other.is_online(); }));
  EXPECT_TRUE(eventually([&] { return other.was_refused(); }));
  EXPECT_TRUE(meter.is_online());
}

TEST(Hub, EndsInGoodOrder) {
  const Place place;
  for (const int number : {SIGTERM, SIGINT}) {
    Server server(place);
    const pid_t broker = server.broker_pid();
    ASSERT_TRUE(is_alive(broker));
    server.process().signal(number);
    ASSERT_TRUE(server.process().has_ended(10s));
    EXPECT_EQ(server.process().end(), 0);
    EXPECT_FALSE(is_alive(broker));
  }
}

// A broker of somebody else's: here another hub's, with an account that may log in and reads nothing.
TEST(Hub, ServesAnotherBroker) {
  const Place place;
  Server first(place);
  const std::string url = "mqtt://meter:secret@127.0.0.1:" + std::to_string(first.mqtt_port());
  Hub second({.mqtt = url, .folder = place.file("second")});
  EXPECT_EQ(second.broker_pid(), -1);
  EXPECT_EQ(talk(second.listening().http, "GET /healthz HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n").status,
            200);
}

TEST(Hub, TellsNewsAsTheyHappen) {
  const Place place;
  Server server(place);
  MqttDevice meter(server.mqtt_port(), "meter", "secret");
  ASSERT_TRUE(eventually([&] { return meter.is_online(); }));
  std::atomic<bool> is_done = false;
  std::string heard;
  constexpr std::size_t kEnough = 6000;
  std::thread listener([&] {
    heard = talk_raw(server.http(),
                     std::string("GET /api/v1/stream?device=") + kMeter +
                         " HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer " + server.token() + "\r\n\r\n",
                     kEnough);
    is_done = true;
  });
  for (std::int64_t time = 1; !is_done && time < 1000; ++time) {
    EXPECT_TRUE(meter.deliver(topic("event"), encoded({.kind = EventKind::kStarted, .time = time})));
    EXPECT_TRUE(meter.deliver(topic("data"), voltage(1.7e9 + static_cast<double>(time))));
  }
  listener.join();
  EXPECT_GE(heard.size(), kEnough);
  EXPECT_THAT(heard, HasSubstr("Content-Type: text/event-stream"));
  EXPECT_THAT(heard, HasSubstr("event: overview\ndata: {"));
  EXPECT_THAT(heard, HasSubstr("event: device\ndata: {"));
  EXPECT_THAT(heard, HasSubstr("event: readings\ndata: {"));
  EXPECT_EQ(server.get("/metrics").status, 200);
}

// The one-time link, as a browser follows it.
TEST(Hub, T62_TheFirstAccountIsMadeByTheLinkAlone) {
  const Place place;
  Server server(place);
  const std::string link = server.lines()[0]["setup"];
  const auto set_up = [&](const std::string& code) {
    const std::string body = Json{{"code", code}, {"user", "ann"}, {"password", "correct horse"}}.dump();
    return talk(server.http(),
                "POST /api/v1/setup HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nContent-Type: "
                "application/json\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  EXPECT_EQ(set_up("wrong").status, 403);
  const HttpAnswer done = set_up(link.substr(link.find('#') + 1));
  EXPECT_EQ(done.status, 201) << done.body;
  EXPECT_THAT(done.head, HasSubstr("HttpOnly; SameSite=Strict"));
  server.process().end();
  const Server again(place);
  EXPECT_EQ(again.lines()[0]["setup"], nullptr);
}

TEST(Hub, RunsWithinAProgram) {
  const Place place;
  std::vector<StoredEvent> events;
  std::mutex mutex;
  Hub hub(
      {.devices = place.file("devices.jsonl"), .folder = place.file("hub"), .on_event = [&](const StoredEvent& event) {
         const std::lock_guard lock(mutex);
         events.push_back(event);
       }});
  const std::string mqtt = hub.listening().mqtt;
  {
    MqttDevice meter(static_cast<std::uint16_t>(std::stoi(mqtt.substr(mqtt.find(':') + 1))), "meter", "secret");
    ASSERT_TRUE(meter.deliver(topic("event"), encoded({.kind = EventKind::kConfirmed, .time = 5})));
  }
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return events.size() == 1 && events[0].kind == "confirmed";
  }));
  const pid_t broker = hub.broker_pid();
  EXPECT_TRUE(is_alive(broker));
  hub.stop();
  hub.stop();
  EXPECT_FALSE(is_alive(broker));
}

TEST(Hub, SaysWhatIsWrong) {
  const Place place;
  const auto failure = [](const HubOptions& options) -> std::string {
    try {
      const Hub hub(options);
      return "none";
    } catch (const host::Failure& failed) {
      return failed.what();
    }
  };
  EXPECT_THAT(failure({.devices = place.file("none"), .folder = place.file("a")}), HasSubstr("none"));
  EXPECT_THAT(failure({.listen = "x:1", .folder = place.file("a")}), HasSubstr("IP address"));
  EXPECT_THAT(failure({.mqtt = "http://x", .folder = place.file("a")}), HasSubstr("mqtt"));
  EXPECT_THAT(failure({.database = "oracle:x", .folder = place.file("a")}), HasSubstr("sqlite:FILE"));
  EXPECT_THAT(failure({.folder = place.file("devices.jsonl")}), HasSubstr("devices.jsonl"));
  const Hub hub({.folder = place.file("b")});
  EXPECT_THAT(failure({.listen = hub.listening().http, .folder = place.file("c")}), HasSubstr("cannot listen"));
  EXPECT_THAT(failure({.mqtt_listen = hub.listening().mqtt, .folder = place.file("d")}),
              HasSubstr("the port is taken"));
}

TEST(Hub, TokenFileIsMadeOnceAndKept) {
  const Place place;
  const std::string file = place.file("token").string();
  std::string token;
  for (int i = 0; i < 2; ++i) {
    Server server(place, {"--token-file", file});
    EXPECT_TRUE(token.empty() || token == server.token());
    token = server.token();
    EXPECT_EQ(server.get("/api/v1/summary").status, 200);
    server.process().end();
  }
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace
}  // namespace ferry::hub
