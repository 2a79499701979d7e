// What a device seals, from its own code through mosquitto into the store; and what hostile devices send.
#include <gtest/gtest.h>

#include "device/events/event.h"
#include "device/seal/sealer.h"
#include "device/senml/pack.h"
#include "host/uuid.h"
#include "sim/nor_flash.h"
#include "tests/hub/mqtt_device.h"
#include "tests/hub/server.h"
#include "tests/hub/wait.h"

namespace ferry::hub {
namespace {

constexpr const char* kKey = "000102030405060708090a0b0c0d0e0f";
constexpr AesKey kKeyBytes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

std::string topic(const std::string& leaf, const std::string& device = kMeter) {
  return "ferry/" + device + "/" + leaf;
}

class FixedEntropy final : public Entropy {
 public:
  Status fill(ByteSpan bytes) override {
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{0x5A});
    return ok();
  }
};

// The device's own code, with a flash that it keeps over resets.
class Sealing {
 public:
  Sealing() { reset(); }
  void reset() {
    EXPECT_TRUE(journal_.mount());
    sealer_.emplace(kKeyBytes, device_, journal_, entropy_);
  }
  std::string seal(Channel channel, ByteView message) {
    const auto sealed = sealer_->seal(channel, message, buffer_);
    EXPECT_TRUE(sealed);
    return sealed ? std::string(as_text(*sealed)) : "";
  }
  std::string voltage(double time) {
    std::array<std::uint8_t, 128> buffer{};
    senml::PackWriter pack(buffer, 1, "urn:dev:ops:0001:", time);
    return seal(Channel::kData, pack.add("voltage", "V", 230.5).finish().value());
  }

 private:
  Uuid device_ = host::parse_uuid(kMeter).value();
  sim::FaultPlan faults_;
  sim::NorFlash flash_{{.size = 2048, .sector_size = 1024, .write_size = 8}, faults_};
  Journal journal_{Area(flash_, 0, 2048)};
  FixedEntropy entropy_;
  std::optional<seal::Sealer> sealer_;
  std::array<std::uint8_t, 512> buffer_{};
};

class Sealed : public testing::Test {
 protected:
  Sealed() {
    place.write_registry(false, kKey);
    start();
  }
  void start() {
    device.reset();
    server.reset();
    server = std::make_unique<Server>(place);
    device = std::make_unique<MqttDevice>(server->mqtt_port(), "meter", "secret");
  }
  void deliver(const std::string& leaf, const std::string& message) {
    ASSERT_TRUE(device->deliver(topic(leaf), message));
  }
  // Once the store has all that was delivered.
  [[nodiscard]] Json told(std::int64_t readings) const {
    EXPECT_TRUE(eventually([&] { return server->json("/api/v1/summary")["readings"] == readings; }));
    return server->json(std::string("/api/v1/devices/") + kMeter);
  }

  Place place;
  Sealing meter;
  std::unique_ptr<Server> server;
  std::unique_ptr<MqttDevice> device;
};

TEST_F(Sealed, IsTakenAndCounted) {
  deliver("data", meter.voltage(1.7e9));
  static_cast<void>(meter.voltage(1.7e9 + 1));  // lost on its way
  std::array<std::uint8_t, kMaxEventSize> buffer{};
  deliver("event", meter.seal(Channel::kEvent, encode(Event{.kind = EventKind::kConfirmed}, buffer).value()));
  meter.reset();
  deliver("data", meter.voltage(1.7e9 + 2));
  const Json told_of = told(2);
  EXPECT_EQ(told_of["sealed"], Json({{"messages", 3}, {"missing", 1}, {"series", 1}}));
  EXPECT_EQ(told_of["refused"], Json::object());
  EXPECT_EQ(server->json("/api/v1/events?after=0")["events"][0]["kind"], "confirmed");
}

TEST_F(Sealed, T60_NothingElseIsBelieved) {
  const std::string good = meter.voltage(1.7e9);
  deliver("data", R"([{"n":"voltage","v":1,"bt":1700000000}])");
  deliver("event", std::string("\xa1\x00\x0b", 3));  // confirmed
  deliver("event", good);                            // another topic's
  std::string forged = good;
  forged.back() ^= 1;
  deliver("data", forged);
  deliver("data", good);
  deliver("data", good);
  const Json told_of = told(1);
  EXPECT_TRUE(eventually([&] {
    return server->json(std::string("/api/v1/devices/") + kMeter)["refused"] ==
           Json({{"bad_seal", 2}, {"not_sealed", 2}, {"replayed", 1}});
  })) << told_of;
  EXPECT_EQ(server->json("/api/v1/events?after=0")["events"], Json::array());
}

TEST_F(Sealed, T61_AReplayIsKnownAfterAKillToo) {
  const std::string first = meter.voltage(1.7e9);
  const std::string second = meter.voltage(1.7e9 + 1);
  deliver("data", first);
  deliver("data", second);
  static_cast<void>(told(2));
  server->process().kill();
  start();
  deliver("data", second);
  deliver("data", first);
  deliver("data", meter.voltage(1.7e9 + 2));
  const Json told_of = told(3);
  EXPECT_EQ(told_of["refused"], Json({{"replayed", 2}}));
  EXPECT_EQ(told_of["sealed"], Json({{"messages", 3}, {"missing", 0}, {"series", 1}}));
}

// Every kind of wrong pack, one behind the other, from a device that does not seal; and then a good one.
TEST(Hostile, T61_EveryKindOfMalformedData) {
  const Place place;
  const Server server(place);
  MqttDevice meter(server.mqtt_port(), "meter", "secret");
  const auto json = [](const std::string& members) { return R"([{"n":"a","v":1,"bt":1700000000)" + members + "}]"; };
  std::string many = "[";
  for (int i = 0; i < 300; ++i) {
    many += (i == 0 ? "" : ",") + std::string(R"({"n":"a","v":1})");
  }
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"malformed", ""},
      {"malformed", "["},
      {"malformed", "{}"},
      {"malformed", "[[]]"},
      {"malformed", "[1]"},
      {"malformed", "null"},
      {"malformed", std::string("[{\"n\":\"a\0\",\"v\":1}]", 17)},
      {"malformed", R"([{"n":"a"}])"},
      {"malformed", R"([{"n":"a","v":"1"}])"},
      {"malformed", R"([{"n":"a","v":1,"vs":"x"}])"},
      {"malformed", json(R"(,"bver":11)")},
      {"malformed", json(R"(,"must_":1)")},
      {"malformed", json(R"(,"u":")" + std::string(40, 'u') + "\"")},
      {"malformed", std::string(10'000, '[')},
      {"malformed", std::string("\x9f\xff", 2)},
      {"malformed", std::string("\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9)},
      {"malformed", std::string("\x81\xa2\x00\x61\x61\x02\x5b\xff\xff\xff\xff\xff\xff\xff\xff", 15)},
      {"bad_name", R"([{"v":1}])"},
      {"bad_name", R"([{"n":"<script>","v":1}])"},
      {"bad_name", R"([{"n":"-a","v":1}])"},
      {"malformed", R"([{"n":")" + std::string(200, 'n') + R"(","v":1}])"},
      {"not_finite", std::string("\x81\xa2\x00\x61\x61\x02\xf9\x7e\x00", 9)},
      {"not_finite", std::string("\x81\xa2\x00\x61\x61\x02\xf9\x7c\x00", 9)},
      {"far_future", R"([{"n":"a","v":1,"bt":9e12}])"},
      {"bad_time", R"([{"n":"a","v":1,"t":-9e12}])"},
      {"too_many", many + "]"},
      {"too_large", std::string(17'000, ' ')},
      {"no_seal_key", std::string("\xd0\x83\x43\xa1\x01\x0a", 6)}};
  std::map<std::string, int> expected;
  for (const auto& [reason, message] : cases) {
    ASSERT_TRUE(meter.deliver(topic("data"), message));
    ++expected[reason];
    EXPECT_TRUE(eventually([&, reason = reason] {
      const Json refused = server.json(std::string("/api/v1/devices/") + kMeter)["refused"];
      return refused.value(reason, 0) == expected[reason];
    })) << reason
        << ": " << message.substr(0, 60) << "\n"
        << server.json(std::string("/api/v1/devices/") + kMeter)["refused"];
  }
  ASSERT_TRUE(meter.deliver(topic("data"), json("")));
  EXPECT_TRUE(eventually([&] { return server.json("/api/v1/summary")["readings"] == 1; }));
  EXPECT_EQ(server.json(std::string("/api/v1/devices/") + kMeter)["refused"], Json(expected));
}

}  // namespace
}  // namespace ferry::hub
