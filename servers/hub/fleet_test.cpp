// What the API says of a fleet whose story is known.
#include "servers/hub/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "servers/hub/access.h"
#include "servers/hub/api.h"
#include "servers/hub/rollup.h"
#include "servers/hub/schema.h"
#include "servers/hub/test_database.h"

namespace ferry::hub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kNow = 1780012800;  // an hour's start
constexpr const char* kToken = "0123456789abcdef";

std::string device_id(int number) {
  return "01234567-89ab-4cde-8f01-2345678900" + std::to_string(10 + number);
}

class FleetTest : public testing::Test {
 protected:
  void tell(int device, EventKind kind, const char* version = "", Error error = {}, std::int64_t at = kNow) {
    Event event{.kind = kind, .time = at, .error = error, .sequence = 2, .bytes = 1000, .milliseconds = 500};
    if (*version != '\0') {
      event.version = suit::Version::parse(version).value();
    }
    const Change change = EventReceived{device_id(device), event};
    store->apply({&change, 1}, at);
  }
  void measure(int device, const std::string& name, const std::string& unit, double time, double value) {
    const Change change =
        ReadingsReceived{device_id(device), {{.name = name, .unit = unit, .time = time, .value = value}}};
    store->apply({&change, 1}, kNow);
  }
  // Confirms, is reverted, is refused, is on its way.
  void roll_out() {
    for (int device = 0; device < 4; ++device) {
      tell(device, EventKind::kStarted, "1.0.0", {}, kNow - 5000);
      tell(device, EventKind::kWindow);
      tell(device, EventKind::kJump);
    }
    for (const int device : {0, 1, 3}) {
      tell(device, EventKind::kDownloading, "2.0.0");
    }
    tell(2, EventKind::kRefused, "2.0.0", Error::kNotForThisDevice);
    for (const int device : {0, 1}) {
      tell(device, EventKind::kDownloaded, "2.0.0");
      tell(device, EventKind::kBurnt, "2.0.0");
      tell(device, EventKind::kTrial, "2.0.0");
    }
    tell(0, EventKind::kConfirmed, "2.0.0");
    tell(1, EventKind::kReverted, "1.0.0", Error::kRollback);
  }
  ApiResponse ask(const char* method, const std::string& target, const std::string& text = "") {
    const std::string bearer = std::string("Bearer ") + kToken;
    return api.handle({.method = method,
                       .target = target,
                       .authorization = bearer,
                       .content_type = "application/json",
                       .body = text});
  }
  std::string next_part(const ApiResponse& answer) { return api.handle({.more = &answer.more}).text; }
  std::string whole(const ApiResponse& answer) {
    EXPECT_EQ(answer.status, 200U) << answer.body;
    std::string text = answer.text;
    for (std::string part = next_part(answer); !part.empty(); part = next_part(answer)) {
      text += part;
    }
    return text;
  }
  ApiJson get(const std::string& target) {
    const ApiResponse response = ask("GET", target);
    EXPECT_EQ(response.status, 200U) << target << response.body;
    return response.body;
  }

  std::unique_ptr<Store> store = open_store(empty_database());
  Live live;
  ApiContext context{.token = kToken, .silent_after = 3600, .now = [] { return kNow; }, .live = &live};
  Api api{*store, context};
};

TEST_F(FleetTest, AReleaseIsFollowedDeviceByDevice) {
  roll_out();
  const ApiJson all = get("/api/v1/releases")["releases"];
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0]["version"], "2.0.0");
  EXPECT_EQ(all[0]["running"], 1);
  EXPECT_EQ(all[0]["share"], 0.25);
  EXPECT_EQ(all[0]["in_progress"], 1);
  EXPECT_EQ(all[0]["funnel"].dump(), R"({"window":4,"jump":4,"refused":1,"downloading":3,"downloaded":2,"burnt":2,)"
                                     R"("trial":2,"confirmed":1,"reverted":1,"failed":0})");
  const ApiJson one = get("/api/v1/releases/2.0.0");
  EXPECT_EQ(one["reasons"].size(), 2U);
  EXPECT_EQ(one["reasons"][0]["devices"], 1);
  EXPECT_EQ(one["steps"][0]["step"], "refused");
  EXPECT_EQ(one["steps"][1]["count"], 3);
  EXPECT_EQ(one["steps"][1]["p95_milliseconds"], 500);
  EXPECT_EQ(one["progress"][0]["confirmed"], 1);
  EXPECT_EQ(one["comparison"]["after"]["attempts"], 3);
  EXPECT_EQ(one["comparison"]["after"]["failures"], 1);
  EXPECT_EQ(one["comparison"]["significant"], false);
  EXPECT_EQ(ask("GET", "/api/v1/releases/9.9.9").status, 404U);
}

TEST_F(FleetTest, UpgradesHaveTheirSteps) {
  roll_out();
  const ApiJson all = get("/api/v1/devices/" + device_id(1) + "/upgrades")["upgrades"];
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0]["outcome"], "reverted");
  EXPECT_EQ(all[0]["error"], "rollback");
  EXPECT_EQ(all[0]["version"], "2.0.0");
  EXPECT_EQ(all[0]["steps"].size(), 7U);
  EXPECT_EQ(get("/api/v1/devices/" + device_id(3) + "/upgrades")["upgrades"][0]["outcome"], "running");
}

TEST_F(FleetTest, AVisitThatEndsWithoutAWordHasFailed) {
  tell(0, EventKind::kWindow);
  tell(0, EventKind::kJump);
  tell(0, EventKind::kJump, "", {}, kNow + 60);
  const ApiJson all = get("/api/v1/devices/" + device_id(0) + "/upgrades")["upgrades"];
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["outcome"], "running");
  EXPECT_EQ(all[1]["outcome"], "failed");
}

TEST_F(FleetTest, FailuresBeforeAndAfterAreCompared) {
  for (int i = 0; i < 60; ++i) {
    tell(i, EventKind::kJump, "", {}, kNow - 3 * i - 210);
    tell(i, i < 3 ? EventKind::kFailed : EventKind::kConfirmed, "1.0.0", {}, kNow - 3 * i - 209);
  }
  for (int i = 0; i < 60; ++i) {
    tell(i, EventKind::kDownloading, "2.0.0", {}, kNow - 200 + i);
    tell(i, i < 30 ? EventKind::kReverted : EventKind::kConfirmed, "2.0.0", {}, kNow - 100 + i);
  }
  const ApiJson comparison = get("/api/v1/releases/2.0.0")["comparison"];
  EXPECT_EQ(comparison["after"]["rate"], 0.5);
  EXPECT_EQ(comparison["significant"], true);
  EXPECT_GT(comparison["low"], 0.2);
}

TEST_F(FleetTest, VersionsOverTime) {
  tell(0, EventKind::kStarted, "1.0.0", {}, kNow - 86400);
  tell(1, EventKind::kStarted, "1.0.0", {}, kNow - 86400);
  tell(0, EventKind::kConfirmed, "2.0.0", {}, kNow - 3600);
  const ApiJson spread =
      get("/api/v1/versions?resolution=hour&from=" + std::to_string(kNow - 7200) + "&to=" + std::to_string(kNow));
  EXPECT_EQ(spread["versions"]["1.0.0"].dump(), "[2,1,1]");
  EXPECT_EQ(spread["versions"]["2.0.0"].dump(), "[0,1,1]");
}

TEST_F(FleetTest, DevicesAreFound) {
  roll_out();
  tell(5, EventKind::kStarted, "1.0.0", {}, kNow - 4000);
  const auto total = [&](const std::string& query) { return get("/api/v1/devices?" + query)["total"].get<int>(); };
  EXPECT_EQ(total(""), 5);
  EXPECT_EQ(total("version=2.0.0"), 1);
  EXPECT_EQ(total("silent=true"), 1);
  EXPECT_EQ(total("silent=false"), 4);
  EXPECT_EQ(total("online=true"), 5);
  EXPECT_EQ(total("search=2345678900"), 5);
  EXPECT_EQ(total("search=%25"), 0);
  EXPECT_EQ(ask("PATCH", "/api/v1/devices/" + device_id(5), R"({"note":"In the Cellar"})").status, 200U);
  EXPECT_EQ(total("search=cELLar"), 1);
  EXPECT_EQ(total("search=%00%ff"), 0);
  EXPECT_EQ(total("search=%27%20OR%201%3D1"), 0);
  const ApiJson page = get("/api/v1/devices?limit=2");
  EXPECT_EQ(page["next"], device_id(1));
  EXPECT_EQ(ask("GET", "/api/v1/devices?online=maybe").status, 400U);
  tell(5, EventKind::kJump);
  EXPECT_EQ(total("online=true"), 4);
}

TEST_F(FleetTest, T62_LabelsAreDataAndNothingElse) {
  roll_out();
  const std::string path = "/api/v1/devices/" + device_id(0);
  const std::string script = "<script>alert(1)</script>'); DROP TABLE devices; --";
  EXPECT_EQ(ask("PATCH", path, ApiJson{{"group", script.substr(0, 25)}, {"note", script}}.dump()).status, 200U);
  EXPECT_EQ(get(path)["note"], script);
  EXPECT_EQ(get("/api/v1/groups")["groups"].size(), 2U);
  EXPECT_EQ(ask("PATCH", path, ApiJson{{"group", std::string(65, 'x')}}.dump()).status, 400U);
  EXPECT_EQ(ask("PATCH", path, R"({"serial":"x"})").status, 400U);
}

TEST_F(FleetTest, AlertsAreRaisedAndSeen) {
  roll_out();
  tell(5, EventKind::kStarted, "1.0.0", {}, kNow - 4000);
  const ApiJson all = get("/api/v1/alerts")["alerts"];
  ASSERT_EQ(all.size(), 2U) << all;
  EXPECT_EQ(all[0]["kind"], "reverted");
  EXPECT_EQ(all[0]["severity"], "critical");
  EXPECT_EQ(all[1]["kind"], "silent");
  EXPECT_EQ(all[1]["device"], device_id(5));
  EXPECT_EQ(get("/api/v1/overview")["alerts"]["critical"], 1);
  EXPECT_EQ(ask("POST", "/api/v1/alerts/" + all[0]["id"].get<std::string>() + "/acknowledge").status, 204U);
  EXPECT_EQ(ask("POST", "/api/v1/alerts/none/acknowledge").status, 404U);
  EXPECT_NE(get("/api/v1/alerts")["alerts"][0]["acknowledged"], nullptr);
  EXPECT_EQ(get("/api/v1/overview")["alerts"]["critical"], 0);
}

// Whatever is rolled up already, the answer is the same.
TEST_F(FleetTest, SeriesAreTheSameBeforeAndAfterTheRollUp) {
  const double start = kNow - 2 * 86400;
  for (int i = 0; i < 48; ++i) {
    measure(0, "power", "W", start + i * 1800 + 7, i);
  }
  std::vector<ApiJson> before;
  const auto ask_all = [&] {
    std::vector<ApiJson> all;
    for (const char* resolution : {"raw", "minute", "hour", "day"}) {
      all.push_back(get("/api/v1/devices/" + device_id(0) + "/series?name=power&from=" + std::to_string(kNow - 200000) +
                        "&resolution=" + resolution));
    }
    return all;
  };
  before = ask_all();
  EXPECT_EQ(before[0]["time"].size(), 48U);
  EXPECT_EQ(before[2]["time"].size(), 24U);
  EXPECT_EQ(before[2]["mean"][1], 2.5);
  EXPECT_EQ(before[3]["count"].dump(), start == kNow / 86400 * 86400.0 ? "[48]" : before[3]["count"].dump());
  EXPECT_FALSE(store->tend({}, kNow));
  EXPECT_EQ(ask_all(), before);
  measure(0, "power", "W", start + 100, 1000);  // late
  const auto dirty = ask_all();
  EXPECT_EQ(dirty[2]["max"][0], 1000);
  store->tend({}, kNow);
  EXPECT_EQ(ask_all(), dirty);
}

TEST_F(FleetTest, WhatIsPastItsTimeIsLetGoButDaysStay) {
  measure(0, "power", "W", kNow - 10 * 86400, 5);
  measure(0, "power", "W", kNow - 100, 7);
  store->tend({}, kNow);
  store->tend({.raw = 3 * 86400, .hours = 5 * 86400}, kNow);
  EXPECT_EQ(store->readings({.device = device_id(0), .limit = 10}).size(), 1U);
  const ApiJson days = get("/api/v1/devices/" + device_id(0) + "/series?name=power&resolution=day&from=0");
  EXPECT_EQ(days["mean"].dump(), "[5.0,7.0]");
}

TEST_F(FleetTest, StatisticsFindWhatIsUnusual) {
  for (int i = 0; i < 100; ++i) {
    measure(0, "voltage", "V", kNow - (i < 50 ? 9000.0 : 6000.0) + i * 60, i == 70 ? 900.0 : 230.0 + i % 3);
  }
  const ApiJson all = get("/api/v1/devices/" + device_id(0) + "/statistics?name=voltage");
  EXPECT_EQ(all["count"], 100);
  EXPECT_EQ(all["interval"], 60);
  EXPECT_EQ(all["gaps"].size(), 1U);
  ASSERT_EQ(all["outliers"].size(), 1U);
  EXPECT_EQ(all["outliers"][0]["value"], 900);
  EXPECT_EQ(ask("GET", "/api/v1/devices/" + device_id(0) + "/statistics").status, 400U);
  EXPECT_EQ(ask("GET", "/api/v1/devices/" + device_id(0) + "/statistics?name=none").status, 404U);
}

TEST_F(FleetTest, GroupsAreDescribed) {
  for (int device = 0; device < 10; ++device) {
    measure(device, "power", "W", kNow - 7200, device == 9 ? 5000.0 : 100.0 + device);
  }
  store->tend({}, kNow);
  const ApiJson all = get("/api/v1/statistics?name=power");
  EXPECT_EQ(all["devices"], 10);
  EXPECT_EQ(all["max"], 5000);
  ASSERT_EQ(all["outliers"].size(), 1U);
  EXPECT_EQ(all["outliers"][0]["device"], device_id(9));
  EXPECT_EQ(get("/api/v1/series?name=power&resolution=hour")["count"].dump(), "[10]");
}

TEST_F(FleetTest, Exports) {
  measure(0, "power", "W", 10, -1.5);
  const Change text =
      ReadingsReceived{device_id(0), {{.name = "mode", .unit = "", .time = 20, .text = "=cmd(),\"x\""}}};
  store->apply({&text, 1}, kNow);
  const ApiResponse csv = ask("GET", "/api/v1/export/readings?device=" + device_id(0));
  EXPECT_EQ(csv.content_type, "text/csv; charset=utf-8");
  EXPECT_EQ(whole(csv), "device,name,unit,time,value,text\r\n" + device_id(0) +
                            ",mode,,20.0,,\"'=cmd(),\"\"x\"\"\"\r\n" + device_id(0) + ",power,W,10.0,-1.5,\r\n");
  const ApiResponse json = ask("GET", "/api/v1/export/readings?format=json&device=" + device_id(0));
  EXPECT_EQ(ApiJson::parse(whole(json))[1]["value"], -1.5);
  EXPECT_EQ(whole(ask("GET", "/api/v1/export/events?format=json")), "[]\n");
  EXPECT_EQ(ask("GET", "/api/v1/export/readings").status, 400U);
  EXPECT_EQ(ask("GET", "/api/v1/export/events?format=xml").status, 400U);
}

// However long it is, little of it is in memory at a time.
TEST_F(FleetTest, ExportsComeInParts) {
  constexpr int kReadings = 20'000;
  std::vector<Change> changes;
  for (int i = 0; i < kReadings; ++i) {
    changes.push_back(ReadingsReceived{
        device_id(0), {{.name = i % 2 == 0 ? "power" : "voltage", .unit = "", .time = i + 1.0, .value = i}}});
  }
  store->apply(changes, kNow);
  for (const char* format : {"csv", "json"}) {
    const ApiResponse answer =
        ask("GET", "/api/v1/export/readings?format=" + std::string(format) + "&device=" + device_id(0));
    ASSERT_TRUE(answer.more);
    std::string all;
    int parts = 0;
    for (std::string part = next_part(answer); !part.empty(); part = next_part(answer)) {
      EXPECT_LT(part.size(), 200'000U);
      all += part;
      ++parts;
    }
    EXPECT_GT(parts, 15);
    const auto lines = std::count(all.begin(), all.end(), '\n');
    EXPECT_EQ(lines, *format == 'c' ? kReadings + 1 : kReadings);
    if (*format == 'j') {
      EXPECT_EQ(ApiJson::parse(all).size(), static_cast<std::size_t>(kReadings));
    }
  }
  const auto some = whole(ask("GET", "/api/v1/export/readings?name=voltage&from=10&to=14&device=" + device_id(0)));
  EXPECT_EQ(std::count(some.begin(), some.end(), '\n'), 1 + 3);  // 10, 12, 14
}

TEST_F(FleetTest, TheStreamBeginsWhereTheClientLeftOff) {
  tell(0, EventKind::kStarted, "1.0.0");
  tell(1, EventKind::kStarted, "1.0.0");
  const ApiResponse all = ask("GET", "/api/v1/stream?after=0");
  ASSERT_TRUE(all.stream);
  EXPECT_EQ(all.stream->after, 2);
  EXPECT_THAT(all.text, HasSubstr("id: 2\nevent: device\ndata: {"));
  const ApiResponse one = ask("GET", "/api/v1/stream?device=" + device_id(1));
  EXPECT_EQ(one.stream->after, -1);
  EXPECT_EQ(ask("GET", "/api/v1/stream?device=none").status, 404U);
}

TEST_F(FleetTest, MetricsAndReadiness) {
  roll_out();
  EXPECT_THAT(ask("GET", "/metrics").text, HasSubstr("ferry_hub_devices_by_version{version=\"1.0.0\"} 3\n"));
  EXPECT_EQ(ask("GET", "/readyz").status, 200U);
  migrate(store->sql(), static_cast<int>(migrations().size()) - 1);  // by another version of ferry, say
  EXPECT_EQ(ask("GET", "/readyz").status, 503U);
  EXPECT_THAT(ask("GET", "/readyz").body["store_fault"].get<std::string>(), HasSubstr("the schema is at step"));
  migrate(store->sql());
  EXPECT_EQ(ask("GET", "/readyz").status, 200U);
  context.state = [] { return HubState{}; };
  EXPECT_EQ(ask("GET", "/readyz").status, 503U);
  EXPECT_EQ(ApiJson::parse(ask("GET", "/api/v1/openapi.json").text)["openapi"], "3.1.0");
}

TEST(LiveNews, GoToThoseWhoListen) {
  Live live;
  std::uint64_t all = live.position();
  std::uint64_t one = all;
  live.publish({.kind = "device", .device = "a", .id = 1, .data = "{}"});
  live.publish({.kind = "readings", .device = "b", .data = "{}"});
  EXPECT_EQ(live.since(all, "").size(), 1U);
  EXPECT_EQ(live.since(one, "b").size(), 1U);
  EXPECT_TRUE(live.since(one, "b").empty());
  for (std::size_t i = 0; i < Live::kKept + 10; ++i) {
    live.publish({.kind = "device", .device = "a", .data = "{}"});
  }
  EXPECT_EQ(live.since(all, "").size(), Live::kKept);
}

TEST(Migrations, LeadBackAndForth) {
  const TestDatabase database;
  const std::string& url = database.url();
  const std::vector<Change> changes = {
      ReadingsReceived{device_id(0),
                       {{.name = "power", .unit = "W", .time = 10, .value = 5},
                        {.name = "mode", .unit = "", .time = 20, .text = "eco"}}},
      EventReceived{device_id(0), {.kind = EventKind::kStarted, .version = suit::Version::parse("1.0.0").value()}}};
  open_store(url)->apply(changes, kNow);
  const auto readings = open_store(url)->readings({.device = device_id(0), .limit = 10});
  EXPECT_EQ(readings.size(), 2U);
  for (int step = static_cast<int>(migrations().size()) - 1; step > 0; --step) {
    const auto store = open_store(url);
    migrate(store->sql(), step);
    EXPECT_EQ(schema_step(store->sql()), step);
    migrate(store->sql());
    EXPECT_EQ(store->readings({.device = device_id(0), .limit = 10}), readings) << step;
    EXPECT_EQ(store->latest(device_id(0)).size(), 2U);
    EXPECT_EQ(store->events({.limit = 10}).size(), 1U);
  }
  const auto store = open_store(url);
  EXPECT_ANY_THROW(migrate(store->sql(), 99));
  migrate(store->sql(), 0);
  migrate(store->sql());
  EXPECT_EQ(store->summary().devices, 0);
}

}  // namespace
}  // namespace ferry::hub
