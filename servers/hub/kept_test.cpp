// What is kept of the fleet's counts is what counting would find, whatever happened, whoever wrote it.
#include <atomic>
#include <gtest/gtest.h>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "servers/hub/rollout.h"
#include "servers/hub/schema.h"
#include "servers/hub/sql.h"
#include "servers/hub/store.h"
#include "servers/hub/test_database.h"

namespace ferry::hub {
namespace {

constexpr std::int64_t kNow = 1780012800;
constexpr int kBeforeKept = 5;  // the step of the schema that had no counts
constexpr std::array kVersions = {"1.0.0", "1.1.0", "2.0.0"};

// One line for each row, in an order.
std::vector<std::string> kept(soci::session& sql) {
  std::vector<std::string> all;
  for (const char* query :
       {"SELECT 'tally ' || name || ' ' || key || ' ' || value FROM tallies WHERE value <> 0 ORDER BY 1",
        "SELECT 'visits ' || hour || ' ' || outcome || ' ' || visits FROM visit_hours WHERE visits <> 0 ORDER BY 1",
        "SELECT 'version ' || hour || ' ' || version || ' ' || devices FROM version_hours WHERE devices <> 0 ORDER BY "
        "1",
        "SELECT 'rollout ' || version || ' ' || sequence || ' ' || first || ' ' || last FROM rollouts ORDER BY 1",
        "SELECT 'device ' || version || ' ' || device || ' ' || reached FROM rollout_devices ORDER BY 1",
        "SELECT 'reached ' || version || ' ' || kind || ' ' || devices FROM rollout_counts WHERE devices <> 0 ORDER BY "
        "1",
        "SELECT 'hour ' || version || ' ' || hour || ' ' || kind || ' ' || devices FROM rollout_hours ORDER BY 1",
        "SELECT 'trouble ' || device || ' ' || visit || ' ' || outcome || ' ' || ended FROM troubles ORDER BY 1"}) {
    for (const auto& [line] : select<std::string>(sql, Sql(query))) {
      all.push_back(line);
    }
  }
  return all;
}

// The way forwards counts all there is.
std::vector<std::string> counted(Store& store) {
  migrate(store.sql(), kBeforeKept);
  migrate(store.sql());
  return kept(store.sql());
}

std::vector<std::string> differences(const std::vector<std::string>& is, const std::vector<std::string>& counted) {
  const std::set<std::string> one(is.begin(), is.end());
  const std::set<std::string> other(counted.begin(), counted.end());
  std::vector<std::string> all;
  for (const std::string& line : one) {
    if (!other.contains(line)) {
      all.push_back("kept " + line);
    }
  }
  for (const std::string& line : other) {
    if (!one.contains(line)) {
      all.push_back("counted " + line);
    }
  }
  return all;
}

class Fleet {
 public:
  Fleet(unsigned seed, int first_device) : random_(seed), first_device_(first_device) {}

  std::vector<Change> some(std::int64_t now) {
    std::vector<Change> changes;
    const int size = pick(8) + 1;
    for (int i = 0; i < size; ++i) {
      changes.push_back(one(now));
    }
    return changes;
  }

 private:
  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  std::string device() { return "01234567-89ab-4cde-8f01-23456789" + std::to_string(1000 + first_device_ + pick(6)); }

  Change one(std::int64_t now) {
    switch (pick(6)) {
      case 0:
        return StatusReceived{device(), pick(2) == 0};
      case 1:
        return Refused{device(), pick(2) == 0 ? Refusal::kMalformed : Refusal::kBadTime};
      case 2:
        return ReadingsReceived{device(),
                                {{.name = pick(2) == 0 ? "power" : "voltage",
                                  .unit = "",
                                  .time = static_cast<double>(now - pick(50)),
                                  .value = pick(9)}}};
      default:
        return event(now);
    }
  }

  Change event(std::int64_t now) {
    Event event{.kind = static_cast<EventKind>(1 + pick(15)), .time = now - pick(5), .sequence = 3};
    if (pick(4) != 0) {
      event.version = suit::Version::parse(kVersions.at(static_cast<std::size_t>(pick(3)))).value();
    }
    return EventReceived{device(), event};
  }

  std::mt19937 random_;
  int first_device_;
};

class KeptTest : public testing::Test {
 protected:
  TestDatabase database;
  std::unique_ptr<Store> store = open_store(database.url());
};

TEST_F(KeptTest, CountsAreWhatCountingFinds) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    Fleet fleet(seed, 0);
    for (int i = 0; i < 150; ++i) {
      store->apply(fleet.some(kNow + seed * 100000 + i * 97), kNow + seed * 100000 + i * 97);
    }
    store->tend({.events = 50000}, kNow + seed * 100000);
    const auto is = kept(store->sql());
    ASSERT_GT(is.size(), 50U);
    EXPECT_EQ(differences(is, counted(*store)), std::vector<std::string>{}) << "seed " << seed;
  }
}

TEST_F(KeptTest, ARegistryIsCounted) {
  store->apply(std::vector<Change>{StatusReceived{"01234567-89ab-4cde-8f01-23456789abcd", true}}, kNow);
  const auto line = [](const char* device, const char* user) {
    return std::string(R"({"device":")") + device + R"(","serial":"1","product":"p","user":")" + user +
           R"(","password":"x"})" + "\n";
  };
  const std::string lines =
      line("01234567-89ab-4cde-8f01-23456789abcd", "a") + line("11234567-89ab-4cde-8f01-23456789abcd", "b");
  store->enter(Registry::parse(lines, "test"));
  store->enter(Registry::parse(lines, "test"));
  EXPECT_EQ(store->summary().devices, 2);
  EXPECT_EQ(store->summary().online, 1);
  EXPECT_EQ(store->device("01234567-89ab-4cde-8f01-23456789abcd")->serial, "1");
  const auto is = kept(store->sql());
  EXPECT_EQ(differences(is, counted(*store)), std::vector<std::string>{});
}

// SQLite has one writer; with PostgreSQL both write at once.
TEST_F(KeptTest, TwoHubsKeepTheSameCountsAndNumberEventsApart) {
  const auto other = open_store(database.url());
  std::map<std::int64_t, StoredEvent> returned;
  std::mutex mutex;
  std::atomic<std::int64_t> clock = kNow;
  const auto write = [&](Store& to, unsigned seed, int first_device, int batches) {
    Fleet fleet(seed, first_device);
    for (int i = 0; i < batches; ++i) {
      const std::int64_t now = clock.fetch_add(61);
      const auto events = to.apply(fleet.some(now), now);
      const std::lock_guard lock(mutex);
      for (const StoredEvent& event : events) {
        EXPECT_TRUE(returned.emplace(event.id, event).second) << "the number " << event.id << " twice";
      }
    }
  };
  if (is_test_with_postgresql()) {
    std::thread one([&] { write(*store, 10, 0, 200); });
    std::thread two([&] { write(*other, 11, 6, 200); });  // a device's events come by one of them
    one.join();
    two.join();
  } else {
    write(*store, 10, 0, 100);
    write(*other, 11, 6, 100);
    write(*store, 12, 0, 100);
  }
  const auto stored = store->events({.limit = 10000});
  ASSERT_EQ(stored.size(), returned.size());
  for (const StoredEvent& event : stored) {
    const StoredEvent& told = returned.at(event.id);
    EXPECT_EQ(std::tie(event.device, event.kind, event.time, event.version),
              std::tie(told.device, told.kind, told.time, told.version));
  }
  const auto is = kept(store->sql());
  EXPECT_EQ(differences(is, counted(*store)), std::vector<std::string>{});
}

TEST_F(KeptTest, VisitsOfATimeAreThoseOfItsHours) {
  Fleet fleet(7, 0);
  for (int i = 0; i < 200; ++i) {
    store->apply(fleet.some(kNow + i * 211), kNow + i * 211);
  }
  for (const auto& [from, to] : {std::pair(0, 50000), std::pair(1, 3601), std::pair(3600, 7200), std::pair(5000, 5100),
                                 std::pair(1234, 40000), std::pair(7200, 7200)}) {
    Counts by_hand;
    for (const Visit& visit : visits(store->sql(), "", "", 10000)) {
      if (visit.started >= kNow + from && visit.started < kNow + to) {
        ++by_hand[visit.outcome];
      }
    }
    Counts found = visits_by_outcome(store->sql(), kNow + from, kNow + to);
    std::erase_if(found, [](const auto& one) { return one.second == 0; });
    EXPECT_EQ(found, by_hand) << from << " to " << to;
  }
}

}  // namespace
}  // namespace ferry::hub
