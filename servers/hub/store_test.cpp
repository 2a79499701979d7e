#include "servers/hub/store.h"

#include <barrier>
#include <gtest/gtest.h>
#include <thread>
#include <tuple>

#include "host/failure.h"
#include "servers/hub/database_url.h"
#include "servers/hub/seal_store.h"
#include "servers/hub/test_database.h"

namespace ferry::hub {
namespace {

constexpr const char* kDevice = "01234567-89ab-4cde-8f01-23456789abcd";
constexpr const char* kOther = "11234567-89ab-4cde-8f01-23456789abcd";
constexpr std::int64_t kNow = 1780000000;

class StoreTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Store> open() const { return open_store(database.url()); }
  std::vector<StoredEvent> apply(const Change& change, std::int64_t now = kNow) {
    return store->apply({&change, 1}, now);
  }
  void run_sql(const char* sql) const { *open_session(database.url()) << sql; }

  TestDatabase database;
  std::unique_ptr<Store> store = open();
};

Reading voltage(double time, double value = 230.5) {
  return {.name = "voltage", .unit = "V", .time = time, .value = value};
}

Event started(std::int64_t time) {
  return {.kind = EventKind::kStarted, .time = time, .sequence = 7, .version = suit::Version::parse("2.1.0").value()};
}

TEST_F(StoreTest, KeepsReadings) {
  const Reading mode{.name = "mode", .unit = "", .time = 20.5, .text = "eco"};
  apply(ReadingsReceived{kDevice, {voltage(10), voltage(20), mode, voltage(30)}});
  EXPECT_EQ(store->readings({.device = kDevice, .limit = 10}),
            (std::vector<Reading>{voltage(30), mode, voltage(20), voltage(10)}));
  EXPECT_EQ(store->readings({.device = kDevice, .name = "voltage", .from = 15, .to = 25, .limit = 10}),
            std::vector<Reading>{voltage(20)});
  EXPECT_EQ(store->readings({.device = kDevice, .name = "voltage", .limit = 1}), std::vector<Reading>{voltage(30)});
  EXPECT_TRUE(store->readings({.device = kOther, .limit = 10}).empty());
  EXPECT_EQ(store->latest(kDevice), (std::vector<Reading>{mode, voltage(30)}));
  EXPECT_EQ(store->summary().readings, 4);
}

TEST_F(StoreTest, LatestIsByTimeNotByArrival) {
  apply(ReadingsReceived{kDevice, {voltage(30), voltage(10)}});
  EXPECT_EQ(store->latest(kDevice), std::vector<Reading>{voltage(30)});
}

TEST_F(StoreTest, T61_ReplayedReadingsAreCountedAndChangeNothing) {
  apply(ReadingsReceived{kDevice, {voltage(10), voltage(20)}});
  apply(ReadingsReceived{kDevice, {voltage(10, 666), voltage(30)}});
  EXPECT_EQ(store->readings({.device = kDevice, .limit = 10}),
            (std::vector<Reading>{voltage(30), voltage(20), voltage(10)}));
  EXPECT_EQ(store->refusals(kDevice), (Refusals{{"replayed", 1}}));
  EXPECT_EQ(store->summary().readings, 3);
}

TEST_F(StoreTest, FollowsADevice) {
  EXPECT_FALSE(store->device(kDevice));
  apply(StatusReceived{kDevice, true}, kNow);
  apply(EventReceived{kDevice, started(kNow)}, kNow + 5);
  const Device device = store->device(kDevice).value();
  EXPECT_TRUE(device.online);
  EXPECT_EQ(device.first_seen, kNow);
  EXPECT_EQ(device.last_seen, kNow + 5);
  EXPECT_EQ(device.version, "2.1.0");
  EXPECT_EQ(device.sequence, 7);
  apply(StatusReceived{kDevice, false}, kNow + 6);
  EXPECT_FALSE(store->device(kDevice)->online);
}

TEST_F(StoreTest, VersionIsTheOneThatRuns) {
  apply(EventReceived{kDevice, started(1)});
  Event offered{.kind = EventKind::kDownloading, .time = 2, .sequence = 8};
  offered.version = suit::Version::parse("3.0.0").value();
  apply(EventReceived{kDevice, offered});
  EXPECT_EQ(store->device(kDevice)->version, "2.1.0");
  offered.kind = EventKind::kConfirmed;
  apply(EventReceived{kDevice, offered});
  EXPECT_EQ(store->device(kDevice)->version, "3.0.0");
  EXPECT_EQ(store->device(kDevice)->sequence, 8);
  EXPECT_EQ(store->summary().versions, (std::map<std::string, std::int64_t>{{"3.0.0", 1}}));
}

TEST_F(StoreTest, ADeviceThatJumpsIsOffline) {
  apply(StatusReceived{kDevice, true});
  apply(EventReceived{kDevice, {.kind = EventKind::kJump, .time = 1}});
  EXPECT_FALSE(store->device(kDevice)->online);
  EXPECT_EQ(store->summary().online, 0);
}

TEST_F(StoreTest, ADeviceThatTellsOfItsJumpAfterwardsIsOnline) {
  apply(StatusReceived{kDevice, true});
  for (const EventKind kind : {EventKind::kJump, EventKind::kReset, EventKind::kTrial, EventKind::kConfirmed}) {
    apply(EventReceived{kDevice, {.kind = kind, .time = 1}});
  }
  EXPECT_TRUE(store->device(kDevice)->online);
  EXPECT_EQ(store->summary().online, 1);
}

TEST_F(StoreTest, EventsHaveAnOrder) {
  const Event refused{
      .kind = EventKind::kRefused, .time = 5, .error = Error::kRollback, .bytes = 600, .milliseconds = 70};
  const auto first = apply(EventReceived{kDevice, refused}, kNow);
  const auto second = apply(EventReceived{kOther, started(6)}, kNow + 1);
  ASSERT_EQ(first.size(), 1U);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_LT(first[0].id, second[0].id);
  const auto all = store->events({.limit = 10});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].device, kDevice);
  EXPECT_EQ(all[0].kind, "refused");
  EXPECT_EQ(all[0].time, 5);
  EXPECT_EQ(all[0].error, static_cast<std::uint16_t>(Error::kRollback));
  EXPECT_EQ(all[0].bytes, 600);
  EXPECT_EQ(all[0].milliseconds, 70);
  EXPECT_EQ(all[0].received, kNow);
  EXPECT_EQ(all[1].version, "2.1.0");
  EXPECT_EQ(store->events({.after = first[0].id, .limit = 10}).size(), 1U);
  EXPECT_EQ(store->events({.device = kOther, .limit = 10}).size(), 1U);
  EXPECT_EQ(store->events({.limit = 1}).size(), 1U);
}

TEST_F(StoreTest, T61_ReplayedEventsAreCountedOnce) {
  EXPECT_EQ(apply(EventReceived{kDevice, started(5)}, kNow).size(), 1U);
  EXPECT_EQ(apply(EventReceived{kDevice, started(5)}, kNow + 1000000).size(), 0U);
  EXPECT_EQ(store->refusals(kDevice), (Refusals{{"replayed", 1}}));
}

TEST_F(StoreTest, WithoutAClockTheSameEventIsNewsAfterAWhile) {
  EXPECT_EQ(apply(EventReceived{kDevice, started(0)}, kNow).size(), 1U);
  EXPECT_EQ(apply(EventReceived{kDevice, started(0)}, kNow + 10).size(), 0U);
  EXPECT_EQ(apply(EventReceived{kDevice, started(0)}, kNow + 1000).size(), 1U);
}

TEST_F(StoreTest, T61_RefusalsAreCountedByReason) {
  apply(Refused{kDevice, Refusal::kMalformed});
  apply(Refused{kDevice, Refusal::kMalformed});
  apply(Refused{kOther, Refusal::kFarFuture});
  apply(Refused{"", Refusal::kUnknownDevice});
  EXPECT_EQ(store->refusals(kDevice), (Refusals{{"malformed", 2}}));
  EXPECT_EQ(store->all_refusals(), (Refusals{{"far_future", 1}, {"malformed", 2}, {"unknown_device", 1}}));
  EXPECT_EQ(store->summary().devices, 2);
}

TEST_F(StoreTest, RegistryEntersDevicesThatWereNeverSeen) {
  const auto line = [](const char* device, const char* serial) {
    return std::string(R"({"device":")") + device + R"(","serial":")" + serial + R"(","product":"acme/m1","user":"u)" +
           serial + R"(","password":"p"})" + "\n";
  };
  apply(StatusReceived{kDevice, true});
  store->enter(Registry::parse(line(kDevice, "0001") + line(kOther, "0002"), "devices"));
  const auto all = store->devices("", 10);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].serial, "0001");
  EXPECT_TRUE(all[0].online);
  EXPECT_EQ(all[1].id, kOther);
  EXPECT_FALSE(all[1].first_seen);
  EXPECT_EQ(store->devices(kDevice, 10).size(), 1U);
  EXPECT_EQ(store->devices("", 1).size(), 1U);
}

TEST_F(StoreTest, SurvivesBeingOpenedAgainAndReadWhileWritten) {
  const auto reader = open();
  apply(ReadingsReceived{kDevice, {voltage(10)}});
  EXPECT_EQ(reader->readings({.device = kDevice, .limit = 10}).size(), 1U);
  apply(ReadingsReceived{kDevice, {voltage(20)}});
  EXPECT_EQ(reader->readings({.device = kDevice, .limit = 10}).size(), 2U);
  store = open();
  EXPECT_EQ(store->summary().readings, 2);
}

TEST_F(StoreTest, T63_AllOrNothingAndGoodAgainAfterAFailure) {
  run_sql("ALTER TABLE events RENAME TO away");
  const std::vector<Change> batch = {ReadingsReceived{kDevice, {voltage(10)}}, EventReceived{kDevice, started(5)}};
  EXPECT_THROW(store->apply(batch, kNow), StoreError);
  EXPECT_THROW(store->apply(batch, kNow), StoreError);
  EXPECT_TRUE(store->readings({.device = kDevice, .limit = 10}).empty());
  run_sql("ALTER TABLE away RENAME TO events");
  EXPECT_EQ(store->apply(batch, kNow).size(), 1U);
  EXPECT_EQ(store->readings({.device = kDevice, .limit = 10}).size(), 1U);
  EXPECT_EQ(store->summary().readings, 1);
}

TEST_F(StoreTest, T61_SealedMessagesCountOnce) {
  const auto sealed = [](std::int64_t number, double time, const std::string& key = "k", std::int64_t series = 7) {
    return ReadingsReceived{kDevice, {voltage(time)}, SealNumber{key, series, number}};
  };
  apply(sealed(0, 10));
  apply(sealed(0, 20));  // the same once more, whatever is in it
  apply(sealed(3, 30));
  apply(EventReceived{kDevice, started(5), SealNumber{"k", 7, 3}});
  apply(Refused{kDevice, Refusal::kMalformed, SealNumber{"k", 7, 3}});
  apply(Refused{kDevice, Refusal::kMalformed, SealNumber{"k", 7, 4}});
  EXPECT_EQ(store->readings({.device = kDevice, .limit = 10}), (std::vector<Reading>{voltage(30), voltage(10)}));
  EXPECT_TRUE(store->events({.limit = 10}).empty());
  EXPECT_EQ(store->refusals(kDevice), (Refusals{{"malformed", 1}, {"replayed", 3}}));
  EXPECT_EQ(seal_summary(store->sql(), kDevice).received, 3);
  EXPECT_EQ(seal_summary(store->sql(), kDevice).missing, 2);
  apply(sealed(0, 40, "other"));  // a key of its own, a series of its own: numbers begin anew
  apply(sealed(0, 50, "k", 8));
  EXPECT_EQ(seal_summary(store->sql(), kDevice).series, 3);
  EXPECT_EQ(store->summary().readings, 4);
  EXPECT_EQ(seal_summary(store->sql(), kOther).series, 0);
}

// The number and what came under it are entered together, or neither.
TEST_F(StoreTest, T63_ANumberIsNotSpentOnWhatWasNotStored) {
  const std::vector<Change> batch = {ReadingsReceived{kDevice, {voltage(10)}, SealNumber{"k", 1, 9}},
                                     EventReceived{kDevice, started(5), SealNumber{"k", 1, 10}}};
  run_sql("ALTER TABLE events RENAME TO away");
  EXPECT_THROW(store->apply(batch, kNow), StoreError);
  run_sql("ALTER TABLE away RENAME TO events");
  EXPECT_EQ(store->apply(batch, kNow).size(), 1U);
  EXPECT_EQ(store->summary().readings, 1);
  EXPECT_TRUE(store->refusals(kDevice).empty());
}

TEST_F(StoreTest, T61_TwoHubsOverOneStoreTakeANumberOnce) {
  const auto second = open();
  const Change change = ReadingsReceived{kDevice, {voltage(10)}, SealNumber{"k", 1, 9}};
  const Change next = ReadingsReceived{kDevice, {voltage(20)}, SealNumber{"k", 1, 10}};
  apply(change);
  second->apply({&next, 1}, kNow);
  second->apply({&change, 1}, kNow);
  apply(next);
  EXPECT_EQ(store->summary().readings, 2);
  EXPECT_EQ(store->refusals(kDevice), (Refusals{{"replayed", 2}}));
}

TEST_F(StoreTest, TextsAreDataAndNothingElse) {
  const std::string hostile = "'); DROP TABLE readings; --";
  const Reading reading{.name = "mode", .unit = hostile, .time = 1, .text = hostile};
  apply(ReadingsReceived{kDevice, {reading}});
  EXPECT_EQ(store->readings({.device = kDevice, .limit = 1}), std::vector<Reading>{reading});
  EXPECT_TRUE(store->readings({.device = hostile, .name = hostile, .limit = 1}).empty());
}

TEST_F(StoreTest, TextsThatAreNoUtf8AreMended) {
  using namespace std::string_literals;
  const std::string mark = "\uFFFD";
  apply(ReadingsReceived{kDevice, {{.name = "mode", .unit = "V\xff", .time = 1, .text = "a\0\"b\\\xc3"s}}});
  EXPECT_EQ(
      store->readings({.device = kDevice, .limit = 1}),
      (std::vector<Reading>{{.name = "mode", .unit = "V" + mark, .time = 1, .text = "a" + mark + "\"b\\" + mark}}));
}

TEST_F(StoreTest, NumbersComeBackAsTheyWere) {
  std::vector<Reading> all;
  for (const double value : {0.1, -0.0, 1e-308, 1.7976931348623157e308, 3.0, 5e-324, 123456789.123456789}) {
    all.insert(all.begin(),
               {.name = "x", .unit = "", .time = 1.7e9 + static_cast<double>(all.size()) / 3, .value = value});
  }
  apply(ReadingsReceived{kDevice, all});
  EXPECT_EQ(store->readings({.device = kDevice, .limit = 10}), all);
}

// The same reading twice in one batch, in one pack or two, is one reading.
TEST_F(StoreTest, ABatchIsTakenAsIfOneByOne) {
  const std::vector<Change> batch = {ReadingsReceived{kDevice, {voltage(20, 1), voltage(10, 2), voltage(20, 3)}},
                                     StatusReceived{kDevice, true},
                                     ReadingsReceived{kOther, {voltage(20, 4)}},
                                     ReadingsReceived{kDevice, {voltage(10, 5)}},
                                     StatusReceived{kDevice, false},
                                     ReadingsReceived{kOther, {voltage(30, 6)}}};
  store->apply(batch, kNow);
  EXPECT_EQ(store->readings({.device = kDevice, .limit = 10}), (std::vector<Reading>{voltage(20, 1), voltage(10, 2)}));
  EXPECT_EQ(store->latest(kDevice), std::vector<Reading>{voltage(20, 1)});
  EXPECT_EQ(store->latest(kOther), std::vector<Reading>{voltage(30, 6)});
  EXPECT_EQ(store->refusals(kDevice), (Refusals{{"replayed", 2}}));
  EXPECT_FALSE(store->device(kDevice)->online);
  EXPECT_EQ(store->summary().readings, 4);
  EXPECT_EQ(store->device(kOther)->last_seen, kNow);
}

// Two that write at once: each reading once, and nobody is in the other's way for good.
TEST_F(StoreTest, SeveralWriteAtOnce) {
  const auto other = open();
  std::atomic<int> failed = 0;
  const auto write = [&failed](Store& to) {
    for (int batch = 0; batch < 20; ++batch) {
      std::vector<Change> changes;
      for (int i = 0; i < 100; ++i) {
        changes.push_back(ReadingsReceived{i % 2 == 0 ? kDevice : kOther, {voltage(batch * 100 + i)}});
      }
      try {
        to.apply(changes, kNow);
      } catch (const StoreError&) {
        ++failed;
      }
    }
  };
  std::thread thread([&] { write(*other); });
  write(*store);
  thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(store->summary().readings, 2000);
  EXPECT_EQ(store->latest(kDevice), std::vector<Reading>{voltage(1998)});
}

TEST_F(StoreTest, MadeByANewerVersion) {
  run_sql("INSERT INTO migrations (number) VALUES (1000)");
  EXPECT_THROW(std::ignore = open(), host::Failure);
}

TEST(Store, UnknownUrls) {
  for (const char* url : {"", "sqlite:", "mysql://x", "postgresql://user:word@127.0.0.1:1/x", "hub.sqlite",
                          "sqlite:/no/such/folder/hub.sqlite", "sqlite:a\" timeout=\"1"}) {
    EXPECT_THROW(static_cast<void>(open_store(url)), host::Failure) << url;
  }
}

TEST(Store, PasswordsAreNotTold) {
  try {
    static_cast<void>(open_store("postgresql://user:word@127.0.0.1:1/x"));
    FAIL() << "nobody listens on port 1";
  } catch (const host::Failure& failure) {
    EXPECT_EQ(std::string(failure.what()).find("word@"), std::string::npos) << failure.what();
    EXPECT_NE(std::string(failure.what()).find("postgresql://user@127.0.0.1:1/x"), std::string::npos) << failure.what();
  }
}

void expect_opened_by_many_at_once(const std::string& url) {
  std::vector<std::thread> threads;
  std::vector<std::string> errors(4);
  std::barrier start(static_cast<std::ptrdiff_t>(errors.size()));
  for (std::string& error : errors) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      try {
        open_store(url)->summary();
      } catch (const std::exception& failure) {
        error = failure.what();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(errors, std::vector<std::string>(errors.size()));
}

// Hubs that start at once on a new database.
TEST_F(StoreTest, OpenedByManyAtOnce) {
  for (int round = 0; round < 5; ++round) {
    const TestDatabase empty;
    expect_opened_by_many_at_once(empty.url());
  }
}

}  // namespace
}  // namespace ferry::hub
