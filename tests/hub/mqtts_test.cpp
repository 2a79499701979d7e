// Devices over TLS, as mosquitto's own clients see the hub's broker; and the hub as a client of another broker.
#include <csignal>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/peers/child_process.h"
#include "servers/hub/broker_files.h"
#include "servers/hub/hub.h"
#include "servers/hub/sockets.h"
#include "tests/hub/server.h"
#include "tests/hub/tls.h"
#include "tests/hub/wait.h"

namespace ferry::hub {
namespace {

using testing::HasSubstr;

constexpr const char* kReading = R"([{"n":"voltage","u":"V","v":230,"bt":1700000000}])";

std::string topic(const std::string& leaf, const std::string& device = kMeter) {
  return "ferry/" + device + "/" + leaf;
}

class Mqtts : public testing::Test {
 protected:
  Mqtts() : authority(place.file(""), "authority"), own(authority.issue("broker")) {}

  void start(const std::vector<std::string>& more = {}) {
    std::vector<std::string> options = {"--mqtt-tls-cert", own.certificate, "--mqtt-tls-key", own.key};
    options.insert(options.end(), more.begin(), more.end());
    server = std::make_unique<Server>(place, options);
  }
  [[nodiscard]] Ran client(const std::string& program, const std::vector<std::string>& more) const {
    std::vector<std::string> command = {program, "-h", "127.0.0.1", "-p", std::to_string(server->mqtt_port()),
                                        "-q",    "1"};
    command.insert(command.end(), more.begin(), more.end());
    return run_program(command);
  }
  [[nodiscard]] Ran publish(const std::string& to, const std::string& message, std::vector<std::string> more,
                            const std::string& user = "meter", const std::string& password = "secret") const {
    more.insert(more.end(), {"-u", user, "-P", password, "-t", to, "-m", message});
    return client("mosquitto_pub", more);
  }
  [[nodiscard]] std::vector<std::string> trust() const { return {"--cafile", authority.certificate()}; }
  [[nodiscard]] std::int64_t readings() const { return server->json("/api/v1/summary")["readings"]; }

  Place place;
  Authority authority;
  Certificate own;
  std::unique_ptr<Server> server;
};

TEST_F(Mqtts, DevicesLogInOverTls) {
  start();
  EXPECT_EQ(publish(topic("data"), kReading, trust()).code, 0);
  EXPECT_TRUE(eventually([&] { return readings() == 1; }));
}

TEST_F(Mqtts, T60_WithoutTlsOrTrustNothingPasses) {
  start();
  const Authority other(place.file(""), "other");
  EXPECT_NE(publish(topic("data"), kReading, {}).code, 0) << "in clear";
  EXPECT_NE(publish(topic("data"), kReading, {"--cafile", other.certificate()}).code, 0) << "the wrong authority";
  const Ran old = run_program({"openssl", "s_client", "-connect", "127.0.0.1:" + std::to_string(server->mqtt_port()),
                               "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"});
  EXPECT_THAT(old.output, testing::ContainsRegex("alert (protocol version|internal error)"));
  EXPECT_EQ(publish(topic("data"), kReading, trust()).code, 0);
  EXPECT_TRUE(eventually([&] { return readings() == 1; }));
}

TEST_F(Mqtts, T60_AccountsAndRightsAreTheSameOverTls) {
  start();
  EXPECT_NE(publish(topic("data"), kReading, trust(), "meter", "word").code, 0) << "wrong password";
  EXPECT_NE(publish(topic("data"), kReading, trust(), "nobody", "secret").code, 0);
  EXPECT_NE(publish(topic("data"), kReading, trust(), "ferry-hub", "secret").code, 0);
  EXPECT_NE(client("mosquitto_pub", {"--cafile", authority.certificate(), "-t", topic("data"), "-m", kReading}).code, 0)
      << "nobody";
  for (const char* leaf : {"data", "event", "status"}) {
    EXPECT_EQ(publish(topic(leaf), kReading, trust(), "other", "word").code, 0) << "dropped: MQTT 3.1.1 says nothing";
  }
  EXPECT_NE(publish("ferry/+/data", kReading, trust()).code, 0);
  EXPECT_NE(publish("ferry/#", kReading, trust()).code, 0);
  static_cast<void>(publish("$SYS/broker/uptime", "0", trust()));
  EXPECT_EQ(publish(topic("data", kOther), kReading, trust(), "other", "word").code, 0);
  ASSERT_TRUE(eventually([&] { return readings() == 1; }));
  const Json meter = server->json(std::string("/api/v1/devices/") + kMeter);
  EXPECT_EQ(meter["last_seen"], nullptr);
  EXPECT_EQ(meter["refused"], Json::object());
}

// A broker may grant the subscription; nothing comes of it.
TEST_F(Mqtts, T60_NobodyHearsWhatOthersSay) {
  start();
  std::vector<std::string> options = {
      "--cafile", authority.certificate(), "-u", "other", "-P", "word", "-v", "-d", "-W", "3"};
  for (const char* filter : {"#", "ferry/#", "ferry/+/data", "+/+/+", "$SYS/#", "ferry/+/status"}) {
    options.insert(options.end(), {"-t", filter});
  }
  std::atomic<bool> is_over = false;
  Ran heard;
  std::thread listener([&] {
    heard = client("mosquitto_sub", options);
    is_over = true;
  });
  int sent = 0;
  while (!is_over) {
    EXPECT_EQ(publish(topic("data"), kReading, trust()).code, 0);
    ++sent;
  }
  listener.join();
  EXPECT_GT(sent, 3);
  EXPECT_THAT(heard.output, testing::ContainsRegex("Subscribed|denied"));
  EXPECT_THAT(heard.output, testing::Not(HasSubstr("PUBLISH")));
}

TEST_F(Mqtts, T61_HugeMessagesHurtNobody) {
  start();
  const std::string file = place.file("huge").string();
  std::ofstream(file) << std::string(70'000, '[');
  std::vector<std::string> huge = trust();
  huge.insert(huge.end(), {"-u", "meter", "-P", "secret", "-t", topic("data"), "-f", file});
  static_cast<void>(client("mosquitto_pub", huge));
  std::ofstream(file) << std::string(20'000, '[');
  static_cast<void>(client("mosquitto_pub", huge));
  EXPECT_EQ(publish(topic("data"), kReading, trust()).code, 0);
  ASSERT_TRUE(eventually([&] { return readings() == 1; }));
  EXPECT_EQ(server->json(std::string("/api/v1/devices/") + kMeter)["refused"], Json({{"too_large", 1}}));
}

TEST_F(Mqtts, T60_AnAuthorityOfClientsIsAskedForToo) {
  const Authority clients(place.file(""), "clients");
  const Certificate meter = clients.issue("meter");
  const Certificate stranger = authority.issue("stranger");
  start({"--mqtt-tls-client-ca", clients.certificate()});
  EXPECT_NE(publish(topic("data"), kReading, trust()).code, 0) << "no certificate";
  const auto with = [&](const Certificate& one) {
    std::vector<std::string> options = trust();
    options.insert(options.end(), {"--cert", one.certificate, "--key", one.key});
    return options;
  };
  EXPECT_NE(publish(topic("data"), kReading, with(stranger)).code, 0) << "another authority's";
  EXPECT_NE(publish(topic("data"), kReading, with(meter), "meter", "word").code, 0) << "and the password counts still";
  EXPECT_EQ(publish(topic("data"), kReading, with(meter)).code, 0);
  EXPECT_TRUE(eventually([&] { return readings() == 1; }));
}

TEST_F(Mqtts, ANewCertificateIsTakenUpWhileItRuns) {
  start();
  const Authority next(place.file(""), "next");
  const Certificate renewed = next.issue("renewed");
  std::filesystem::copy_file(renewed.certificate, own.certificate, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::copy_file(renewed.key, own.key, std::filesystem::copy_options::overwrite_existing);
  server->process().signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return publish(topic("data"), kReading, {"--cafile", next.certificate()}).code == 0; }));
}

TEST_F(Mqtts, SecretsAreNobodyElses) {
  start();
  for (const auto& file : std::filesystem::directory_iterator(place.file("hub/broker"))) {
    const auto others =
        file.status().permissions() & (std::filesystem::perms::others_all | std::filesystem::perms::group_all);
    EXPECT_EQ(others, std::filesystem::perms::none) << file.path();
  }
  EXPECT_THAT(server->log(), HasSubstr("devices.jsonl holds secrets and everybody may read it"));
}

// A broker that is not the hub's, over TLS, with the password in a file.
class OtherBroker : public testing::Test {
 protected:
  OtherBroker() : authority(place.file(""), "authority"), own(authority.issue("broker")), port(free_port("127.0.0.1")) {
    std::ofstream(place.file("passwords"))
        << broker_passwords(Registry::load(place.file("devices.jsonl")), "hub secret");
    std::filesystem::permissions(place.file("passwords"), std::filesystem::perms::owner_read);
    std::ofstream(place.file("mosquitto.conf"))
        << "listener " << port << " 127.0.0.1\nuser root\nallow_anonymous false\npassword_file "
        << place.file("passwords").string() << "\ncertfile " << own.certificate.string() << "\nkeyfile "
        << own.key.string() << "\n";
    broker = std::make_unique<host::ChildProcess>(
        host::ChildProcess::Program{.command = {"mosquitto", "-c", place.file("mosquitto.conf")},
                                    .output = place.file("mosquitto.log"),
                                    .environment = {"PATH=/usr/bin:/bin:/usr/sbin:/usr/local/sbin"}});
    EXPECT_TRUE(eventually([this] { return can_connect("127.0.0.1", port); }));
    std::ofstream(place.file("password")) << "hub secret\n";
  }
  [[nodiscard]] HubOptions options() const {
    HubOptions all{.mqtt = "mqtts://ferry-hub@127.0.0.1:" + std::to_string(port),
                   .mqtt_password_file = place.file("password"),
                   .mqtt_authority = authority.certificate()};
    all.devices = place.file("devices.jsonl");
    all.folder = place.file("hub");
    return all;
  }
  // {0: 1}: started.
  [[nodiscard]] std::string event_file() const {
    std::ofstream(place.file("event")) << std::string("\xa1\x00\x01", 3);
    return place.file("event").string();
  }
  [[nodiscard]] static int ready(const Hub& hub) {
    return talk(hub.listening().http, "GET /readyz HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer " +
                                          hub.listening().token + "\r\nConnection: close\r\n\r\n")
        .status;
  }

  Place place;
  Authority authority;
  Certificate own;
  std::uint16_t port;
  std::unique_ptr<host::ChildProcess> broker;
};

TEST_F(OtherBroker, IsReachedOverTls) {
  std::atomic<int> events = 0;
  HubOptions with = options();
  with.on_event = [&events](const StoredEvent&) { ++events; };
  const Hub hub(with);
  EXPECT_TRUE(eventually([&] { return ready(hub) == 200; }));
  const Ran sent =
      run_program({"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(port), "--cafile", authority.certificate(),
                   "-u", "meter", "-P", "secret", "-q", "1", "-t", topic("event"), "-f", event_file()});
  EXPECT_EQ(sent.code, 0) << sent.output;
  EXPECT_TRUE(eventually([&] { return events == 1; }));
}

TEST_F(OtherBroker, T60_ItsCertificateIsChecked) {
  const Authority other(place.file(""), "other");
  HubOptions with = options();
  with.mqtt_authority = other.certificate();
  const Hub hub(with);
  EXPECT_EQ(ready(hub), 503);
}

}  // namespace
}  // namespace ferry::hub
