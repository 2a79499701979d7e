#include "servers/hub/message.h"

#include <gtest/gtest.h>

#include "host/failure.h"
#include "servers/hub/broker_files.h"
#include "servers/hub/senml.h"

namespace ferry::hub {
namespace {

constexpr double kNow = 1.78e9;
constexpr const char* kDevice = "01234567-89ab-4cde-8f01-23456789abcd";
constexpr const char* kOther = "11234567-89ab-4cde-8f01-23456789abcd";

std::string line(const std::string& device, const std::string& user, const std::string& serial = "0001") {
  return R"({"device":")" + device + R"(","serial":")" + serial + R"(","product":"acme/m1","user":")" + user +
         R"(","password":"secret"})" + "\n";
}

const Registry& registry() {
  static const Registry one = Registry::parse(line(kDevice, "meter"), "devices");
  return one;
}

template <typename T>
T take(const std::string& topic, std::string_view payload) {
  const Change change = interpret({topic, std::string(payload)}, &registry(), kNow);
  const T* one = std::get_if<T>(&change);
  EXPECT_NE(one, nullptr) << topic;
  return one == nullptr ? T{} : *one;
}
std::string topic(const std::string& leaf) {
  return std::string("ferry/") + kDevice + "/" + leaf;
}
Refusal refusal(const std::string& topic, std::string_view payload) {
  return take<Refused>(topic, payload).refusal;
}

std::string encoded(const Event& event) {
  std::array<std::uint8_t, kMaxEventSize> buffer{};
  return std::string(as_text(encode(event, buffer).value()));
}

TEST(Message, DataLosesThePrefixThatNamesTheDeviceItself) {
  const auto received = take<ReadingsReceived>(
      topic("data"),
      R"([{"bn":"urn:dev:ops:0001:","n":"voltage","v":1},{"bn":"urn:dev:ops:0002:","n":"voltage","v":2}])");
  EXPECT_EQ(received.device, kDevice);
  ASSERT_EQ(received.readings.size(), 2U);
  EXPECT_EQ(received.readings[0].name, "voltage");
  EXPECT_EQ(received.readings[1].name, "urn:dev:ops:0002:voltage");
}

TEST(Message, Event) {
  const Event event{.kind = EventKind::kRefused, .time = 1700000000, .error = Error::kRollback, .sequence = 7};
  const auto received = take<EventReceived>(topic("event"), encoded(event));
  EXPECT_EQ(received.event.kind, EventKind::kRefused);
  EXPECT_EQ(received.event.error, Error::kRollback);
}

TEST(Message, Status) {
  EXPECT_TRUE(take<StatusReceived>(topic("status"), "online").online);
  EXPECT_FALSE(take<StatusReceived>(topic("status"), "offline").online);
  EXPECT_EQ(refusal(topic("status"), "on"), Refusal::kMalformed);
}

TEST(Message, T61_BadEvents) {
  EXPECT_EQ(refusal(topic("event"), ""), Refusal::kMalformed);
  EXPECT_EQ(refusal(topic("event"), "online"), Refusal::kMalformed);
  EXPECT_EQ(refusal(topic("event"), std::string(kMaxPack + 1, 'x')), Refusal::kTooLarge);
  EXPECT_EQ(refusal(topic("event"), encoded({.time = static_cast<std::int64_t>(kNow) + 86402})), Refusal::kFarFuture);
  EXPECT_EQ(refusal(topic("event"), encoded({.sequence = UINT64_MAX})), Refusal::kMalformed);
  EXPECT_EQ(refusal(topic("event"), encoded({.bytes = UINT64_MAX})), Refusal::kMalformed);
}

TEST(Message, T60_TopicsOfNobody) {
  const std::string device = kDevice;
  for (const std::string& bad :
       {std::string(), std::string("ferry"), "ferry/" + device, "ferry/" + device + "/", "ferry/" + device + "/data/x",
        "ferry/" + device + "/command", "x/" + device + "/data", std::string("ferry/0001/data"),
        std::string("ferry//data"), "/ferry/" + device + "/data"}) {
    const Refused refused = take<Refused>(bad, "online");
    EXPECT_EQ(refused.refusal, Refusal::kBadTopic) << bad;
    EXPECT_EQ(refused.device, "");
  }
  EXPECT_EQ(refusal(std::string("ferry/") + kOther + "/status", "online"), Refusal::kUnknownDevice);
  const Change any = interpret({std::string("ferry/") + kOther + "/status", "online"}, nullptr, kNow);
  EXPECT_TRUE(std::holds_alternative<StatusReceived>(any));
}

TEST(Registry, LastLineOfADeviceCounts) {
  const Registry two =
      Registry::parse(line(kDevice, "old") + "\n" + line(kDevice, "new") + line(kOther, "old"), "devices");
  EXPECT_EQ(two.accounts().size(), 2U);
  EXPECT_EQ(two.find(kDevice)->user, "new");
  EXPECT_EQ(two.find("nobody"), nullptr);
}

TEST(Registry, T60_RefusesWhatABrokerCouldNotTellApart) {
  EXPECT_THROW(static_cast<void>(Registry::parse(line(kDevice, "meter") + line(kOther, "meter"), "devices")),
               host::Failure);
  for (const char* user : {"", "a b", "a:b", "#", "a\\nuser ferry-hub", "a+", "a/b", "ferry-hub", "\\u00e4"}) {
    EXPECT_THROW(static_cast<void>(Registry::parse(line(kDevice, user), "devices")), host::Failure) << user;
  }
}

TEST(Registry, SaysWhichLineIsWrong) {
  for (const std::string& bad : {std::string("x"), std::string("[]"), std::string("{}"), line("0001", "meter"),
                                 std::string(R"({"device":1})")}) {
    try {
      static_cast<void>(Registry::parse(line(kOther, "other") + bad, "devices"));
      ADD_FAILURE() << bad;
    } catch (const host::Failure& failure) {
      EXPECT_NE(std::string(failure.what()).find("devices, line 2"), std::string::npos) << failure.what();
    }
  }
}

TEST(BrokerFiles, T60_RightsOfADeviceAreItsOwnTopics) {
  EXPECT_EQ(broker_acl(registry()),
            "user ferry-hub\ntopic read ferry/+/data\ntopic read ferry/+/event\ntopic read ferry/+/status\n"
            "user meter\ntopic write ferry/01234567-89ab-4cde-8f01-23456789abcd/data\n"
            "topic write ferry/01234567-89ab-4cde-8f01-23456789abcd/event\n"
            "topic write ferry/01234567-89ab-4cde-8f01-23456789abcd/status\n");
}

TEST(BrokerFiles, PasswordsAreHashedWithASaltEach) {
  const std::string first = broker_passwords(registry(), "hub-secret");
  EXPECT_EQ(first.find("secret"), std::string::npos);
  EXPECT_EQ(first.rfind("ferry-hub:$7$101$", 0), 0U);
  EXPECT_NE(first.find("\nmeter:$7$101$"), std::string::npos);
  EXPECT_NE(first, broker_passwords(registry(), "hub-secret"));
}

}  // namespace
}  // namespace ferry::hub
