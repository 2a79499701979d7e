// What is told without a message of its own: readings that stand out, how far a device is.
#include "servers/hub/news.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "servers/hub/api.h"
#include "servers/hub/progress.h"
#include "servers/hub/test_database.h"

namespace ferry::hub {
namespace {

constexpr const char* kDevice = "01234567-89ab-4cde-8f01-23456789abcd";
constexpr std::int64_t kNow = 1780012800;

class NewsTest : public testing::Test {
 protected:
  void measure(double value) {
    time += 60;
    const Change change = ReadingsReceived{kDevice,
                                           {{.name = "power", .unit = "W", .time = time, .value = value},
                                            {.name = "valve", .unit = "", .time = time, .value = value > 500 ? 1 : 0}}};
    store->apply({&change, 1}, static_cast<std::int64_t>(time));
  }
  void measure_as_usual(int times) {
    for (int i = 0; i < times; ++i) {
      measure(200 + i % 7);
    }
  }
  std::vector<Alert> outliers() {
    auto all = alerts(store->sql(), static_cast<std::int64_t>(time), 0);
    std::erase_if(all, [](const Alert& alert) { return alert.kind != "outlier"; });
    return all;
  }
  void tell(EventKind kind, std::int64_t at, std::uint32_t milliseconds) {
    Event event{.kind = kind, .time = at, .sequence = 2, .milliseconds = milliseconds};
    event.version = suit::Version::parse("2.0.0").value();
    const Change change = EventReceived{kDevice, event};
    store->apply({&change, 1}, at);
  }
  std::vector<ApiJson> news(const char* kind) {
    std::vector<ApiJson> all;
    for (const auto& one : live.since(position, kDevice)) {
      if (one->kind == kind) {
        all.push_back(ApiJson::parse(one->data));
      }
    }
    return all;
  }

  TestDatabase database;
  std::unique_ptr<Store> store = open_store(database.url());
  Live live;
  NewsWatch watch{live};
  std::uint64_t position = 0;
  double time = kNow;
};

TEST_F(NewsTest, AReadingThatStandsOutRaisesAnAlertUntilOneDoesNot) {
  measure_as_usual(30);
  EXPECT_TRUE(outliers().empty());
  measure(2000);
  ASSERT_EQ(outliers().size(), 1U);  // the valve, that is open or closed, is none
  const Alert alert = outliers().front();
  EXPECT_EQ(alert.device, kDevice);
  EXPECT_EQ(alert.severity, "warning");
  EXPECT_THAT(alert.message, testing::StartsWith("power is 2000 W, unlike before (robust z-score "));
  EXPECT_EQ(count_alerts(store->sql(), static_cast<std::int64_t>(time), 0).at("warning"), 1);
  measure(2100);
  EXPECT_EQ(outliers().front().id, alert.id);  // the same one goes on
  measure(203);
  EXPECT_TRUE(outliers().empty());
}

TEST_F(NewsTest, AHubThatWasStartedJustNowKnowsWhatIsUsual) {
  measure_as_usual(30);
  store = open_store(database.url());
  measure(2000);
  EXPECT_EQ(outliers().size(), 1U);
  store = open_store(database.url());
  measure(201);
  EXPECT_TRUE(outliers().empty());
}

TEST_F(NewsTest, FewReadingsSayNothing) {
  measure_as_usual(10);
  measure(2000);
  EXPECT_TRUE(outliers().empty());
}

TEST_F(NewsTest, AlertsAreToldWhenTheyAreRaisedAndCleared) {
  const auto look = [&] { watch.look(store->sql(), static_cast<std::int64_t>(time), 86400); };
  measure_as_usual(30);
  look();
  measure(2000);
  look();
  look();
  const auto raised = news("alert");
  ASSERT_EQ(raised.size(), 1U);
  EXPECT_EQ(raised[0]["kind"], "outlier");
  EXPECT_EQ(raised[0]["raised"], true);
  measure(203);
  look();
  const auto cleared = news("alert");
  ASSERT_EQ(cleared.size(), 1U);
  EXPECT_EQ(cleared[0]["raised"], false);
  EXPECT_EQ(cleared[0]["id"], raised[0]["id"]);
}

TEST_F(NewsTest, ProgressIsWorkedOutFromWhatOthersTook) {
  tell(EventKind::kJump, kNow, 0);
  EXPECT_FALSE(usual_times(store->sql()));  // nobody was there before
  tell(EventKind::kDownloading, kNow + 1, 1000);
  tell(EventKind::kDownloaded, kNow + 40, 40'000);
  tell(EventKind::kBurnt, kNow + 60, 60'000);
  tell(EventKind::kTrial, kNow + 70, 70'000);
  tell(EventKind::kConfirmed, kNow + 100, 100'000);
  tell(EventKind::kJump, kNow + 1000, 0);
  live.watch(kDevice);
  const auto at = [&](std::int64_t seconds) {
    watch.look(store->sql(), kNow + 1000 + seconds, 86400);
    const auto all = news("progress");
    return all.empty() ? ApiJson(nullptr) : all.back();
  };
  const ApiJson begun = at(10);
  EXPECT_EQ(begun["phase"], "downloading");
  EXPECT_EQ(begun["done"], 10'000);
  EXPECT_EQ(begun["total"], 40'000);
  EXPECT_EQ(begun["percent"], 10);
  EXPECT_EQ(begun["estimated"], true);
  EXPECT_EQ(at(50)["phase"], "burning");
  EXPECT_EQ(at(50)["done"], 10'000);
  EXPECT_EQ(at(5000)["percent"], 99);  // the end is the device's to tell
  tell(EventKind::kTrial, kNow + 1080, 80'000);
  EXPECT_EQ(at(90), nullptr);
}

}  // namespace
}  // namespace ferry::hub
