#include "device/schedule/schedule.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

namespace ferry {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::int32_t kMonday = 20605;  // 2026-06-01

WallTime at(std::int64_t seconds) {
  return WallTime(WallTime::duration(seconds));
}

Uuid device(std::uint32_t number) {
  Uuid id{};
  store_le32(id, number);
  return id;
}

TEST(Schedule, MomentIsInsideTheWindowAndSpreadEvenly) {
  const WindowSettings window{.start_minute = 60, .length_minutes = 240};
  std::array<int, 8> eighths{};
  for (std::uint32_t i = 0; i < 8000; ++i) {
    const std::int64_t offset = Schedule(window, device(i)).moment(kMonday) - (kMonday * kDay + 3600);
    ASSERT_GE(offset, 0);
    ASSERT_LT(offset, 240 * 60);
    ++eighths[static_cast<std::size_t>(offset / 1800)];
  }
  for (const int count : eighths) {
    EXPECT_NEAR(count, 1000, 150);
  }
}

TEST(Schedule, MomentDiffersFromDayToDay) {
  const Schedule schedule({}, device(1));
  EXPECT_NE(schedule.moment(kMonday) - kMonday * kDay, schedule.moment(kMonday + 1) - (kMonday + 1) * kDay);
}

TEST(Schedule, ZoneShiftsTheWindow) {
  const WindowSettings utc{.start_minute = 60, .length_minutes = 1};
  WindowSettings china = utc;
  china.zone_minutes = 8 * 60;
  EXPECT_EQ(Schedule(utc, device(1)).moment(kMonday) - Schedule(china, device(1)).moment(kMonday), 8 * 3600);
}

TEST(Schedule, DueOnceAtItsMoment) {
  Schedule schedule({}, device(1));
  const std::int64_t moment = schedule.moment(kMonday);
  EXPECT_FALSE(schedule.due(at(moment - 1)));
  EXPECT_TRUE(schedule.due(at(moment)));
  schedule.visit_began(at(moment));
  schedule.visit_decided();
  EXPECT_FALSE(schedule.due(at(moment + 1)));
  EXPECT_EQ(schedule.next(at(moment + 1)), at(schedule.moment(kMonday + 1)));
}

TEST(Schedule, WindowPastMidnight) {
  const WindowSettings window{.start_minute = 23 * 60, .length_minutes = 180};
  bool past_midnight = false;
  for (std::uint32_t i = 0; i < 50; ++i) {
    const Schedule schedule(window, device(i));
    const std::int64_t moment = schedule.moment(kMonday);
    EXPECT_TRUE(schedule.due(at(moment)));
    past_midnight = past_midnight || moment >= (kMonday + 1) * kDay;
  }
  EXPECT_TRUE(past_midnight);
}

TEST(Schedule, OnlyOnTheDaysOfTheMask) {
  const WindowSettings window{.days = 0x01};  // Mondays
  const Schedule schedule(window, device(1));
  EXPECT_TRUE(schedule.due(at(schedule.moment(kMonday))));
  EXPECT_FALSE(schedule.due(at(schedule.moment(kMonday + 1))));
  EXPECT_EQ(schedule.next(at(kMonday * kDay + 300 * 60)), at(schedule.moment(kMonday + 7)));
}

TEST(Schedule, MissedMomentIsSpreadAnewOverWhatIsLeft) {
  const WindowSettings window{.start_minute = 0, .length_minutes = 480};
  const std::int64_t back = kMonday * kDay + 4 * 3600;  // the power comes back in mid-window for everybody
  int at_once = 0;
  int missed = 0;
  std::vector<std::int64_t> later;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const Schedule schedule(window, device(i));
    if (schedule.moment(kMonday) >= back - 120) {
      continue;
    }
    ++missed;
    at_once += schedule.due(at(back)) ? 1 : 0;
    const auto next = schedule.next(at(back));
    ASSERT_TRUE(next);
    ASSERT_LT(next->time_since_epoch().count(), kMonday * kDay + 8 * 3600);
    later.push_back(next->time_since_epoch().count());
  }
  EXPECT_GT(missed, 400);
  EXPECT_LT(at_once, missed / 5);
  std::sort(later.begin(), later.end());
  EXPECT_GT(later[later.size() / 2], back + 600);
}

TEST(Schedule, MissedWindowIsNotMadeUpFor) {
  const Schedule schedule({.start_minute = 60, .length_minutes = 60}, device(1));
  EXPECT_FALSE(schedule.due(at(kMonday * kDay + 3 * 3600)));
}

TEST(Schedule, LadderAfterFailures) {
  Schedule schedule({.start_minute = 0, .length_minutes = 1440}, device(1));
  std::int64_t now = schedule.moment(kMonday);
  schedule.visit_began(at(now));
  for (const std::int64_t minutes : {5, 10, 15, 20, 30, 60, 60}) {
    schedule.visit_failed(at(now), 0);
    EXPECT_EQ(schedule.state().retry_at - now, minutes * 60);
    schedule.visit_failed(at(now), UINT32_MAX);  // jitter at most a quarter of the next rung
    schedule = Schedule(
        {.start_minute = 0, .length_minutes = 1440}, device(1),
        {.last_day = schedule.state().last_day, .failures = static_cast<std::uint8_t>(schedule.state().failures - 1)});
  }
}

TEST(Schedule, RetriesOnlyWhileTheWindowIsOpen) {
  const WindowSettings window{.start_minute = 60, .length_minutes = 240};
  Schedule schedule(window, device(1));
  const std::int64_t moment = schedule.moment(kMonday);
  schedule.visit_began(at(moment));
  schedule.visit_failed(at(moment), 0);
  EXPECT_FALSE(schedule.due(at(moment + 299)));
  EXPECT_EQ(schedule.due(at(moment + 300)), moment + 300 < kMonday * kDay + 300 * 60);
  EXPECT_FALSE(schedule.due(at(kMonday * kDay + 301 * 60)));
  const std::int64_t tomorrow = kMonday * kDay + kDay + 3600;  // at its opening nobody goes by yesterday's retry
  EXPECT_EQ(schedule.due(at(tomorrow)), schedule.moment(kMonday + 1) == tomorrow);
}

TEST(Schedule, T6_NoClockIsNeverDue) {
  const Schedule schedule({}, device(1));
  EXPECT_FALSE(schedule.due(std::nullopt));
  EXPECT_FALSE(schedule.next(std::nullopt));
}

TEST(Schedule, T6_ClockThatRunsBackwardsRepeatsNoVisit) {
  Schedule schedule({}, device(1));
  const std::int64_t moment = schedule.moment(kMonday);
  schedule.visit_began(at(moment));
  schedule.visit_decided();
  EXPECT_FALSE(schedule.due(at(moment - 10)));
  EXPECT_FALSE(schedule.due(at(moment)));
  EXPECT_FALSE(schedule.due(at(schedule.moment(kMonday - 1))));
}

TEST(Schedule, T6_ClockFarAheadCausesOneVisitAndNoSilenceAfterwards) {
  Schedule schedule({}, device(1));
  const std::int32_t far_ahead = kMonday + 5000;
  const std::int64_t moment = schedule.moment(far_ahead);
  EXPECT_TRUE(schedule.due(at(moment)));
  schedule.visit_began(at(moment));
  schedule.visit_failed(at(moment), 0);
  EXPECT_FALSE(schedule.due(at(moment + 1)));
  EXPECT_TRUE(schedule.due(at(schedule.moment(kMonday))));  // the clock is right again
}

TEST(Schedule, StateSurvivesItsBytes) {
  std::array<std::uint8_t, kScheduleStateSize> bytes{};
  store(ScheduleState{.last_day = kMonday, .failures = 3, .retry_at = 1780000000}, bytes);
  const ScheduleState state = load_schedule(bytes);
  EXPECT_EQ(state.last_day, kMonday);
  EXPECT_EQ(state.failures, 3);
  EXPECT_EQ(state.retry_at, 1780000000);
}

TEST(Schedule, CohortIsSpreadAndFixed) {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < 10000; ++i) {
    const std::uint32_t place = cohort(device(i), 7);
    ASSERT_LT(place, 10000U);
    EXPECT_EQ(place, cohort(device(i), 7));
    sum += place;
  }
  EXPECT_NEAR(static_cast<double>(sum) / 10000, 5000, 150);
}

}  // namespace
}  // namespace ferry
