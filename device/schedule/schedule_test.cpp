#include "device/schedule/schedule.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
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

TEST(Schedule, T6_ClockThatSaysAnythingIsOnlyWrong) {
  for (const std::int64_t lie :
       {INT64_MIN, INT64_MIN + 1, std::int64_t{-1}, std::int64_t{0}, INT64_MAX - 1, INT64_MAX}) {
    Schedule schedule({.zone_minutes = -720, .start_minute = 1439, .length_minutes = 1440}, device(1));
    static_cast<void>(schedule.due(at(lie)));
    static_cast<void>(schedule.next(at(lie)));
    schedule.visit_began(at(lie));
    schedule.visit_failed(at(lie), UINT32_MAX);
    static_cast<void>(schedule.due(at(lie)));
    EXPECT_TRUE(schedule.next(at(kMonday * kDay)));  // and goes on when it is right again
  }
}

TEST(Schedule, T6_ClockSetForwardInMidWindowCausesOneVisit) {
  const WindowSettings window{.start_minute = 60, .length_minutes = 240};
  Schedule schedule(window, device(1));
  const std::int64_t moment = schedule.moment(kMonday);
  schedule.visit_began(at(moment));
  schedule.visit_decided();
  for (std::int64_t now = moment; now < kMonday * kDay + 300 * 60; now += 977) {
    EXPECT_FALSE(schedule.due(at(now)));
  }
}

TEST(Schedule, T6_RetryNotedByAWrongClockDoesNotWaitForIt) {
  const WindowSettings all_day{.start_minute = 0, .length_minutes = 1440};
  const std::int64_t noon = kMonday * kDay + kDay / 2;
  const Schedule schedule(all_day, device(1), {.last_day = kMonday, .failures = 1, .retry_at = noon + 3 * 3600});
  EXPECT_TRUE(schedule.due(at(noon)));
  EXPECT_EQ(schedule.next(at(noon)), at(noon));
}

TEST(Schedule, VisitOutsideTheWindowLeavesTheMoment) {
  const WindowSettings window{.start_minute = 60, .length_minutes = 60};
  Schedule schedule(window, device(1));
  schedule.visit_began(at(kMonday * kDay));
  schedule.visit_failed(at(kMonday * kDay), 0);
  EXPECT_FALSE(schedule.due(at(kMonday * kDay + 600)));
  EXPECT_TRUE(schedule.due(at(schedule.moment(kMonday))));
}

TEST(Schedule, PowerCutInMidVisitGoesOnByTheState) {
  Schedule before({}, device(1));
  const std::int64_t moment = before.moment(kMonday);
  before.visit_began(at(moment));
  const Schedule after({}, device(1), before.state());
  EXPECT_FALSE(after.due(at(moment + 30)));  // the upgrade itself goes on from the journal, not by the schedule
}

WindowSettings any_window(std::mt19937& random) {
  return {.zone_minutes = static_cast<std::int16_t>(static_cast<int>(random() % 1681) - 840),
          .start_minute = static_cast<std::uint16_t>(random() % 1440),
          .length_minutes = static_cast<std::uint16_t>(1 + random() % 1440),
          .days = static_cast<std::uint8_t>(1 + random() % 127)};
}

std::int32_t weekday(std::int64_t day) {
  return static_cast<std::int32_t>((day + 3) % 7);
}

// Any window, zone and mask: one visit for each day of the mask, inside its window, exactly when next() said.
TEST(Schedule, OneVisitADayWhateverTheSettings) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const WindowSettings window = any_window(random);
    Schedule schedule(window, device(static_cast<std::uint32_t>(random())));
    std::map<std::int64_t, int> visits;
    WallTime now = at(kMonday * kDay + static_cast<std::int64_t>(random() % kDay));
    for (int i = 0; i < 30; ++i) {
      const auto next = schedule.next(now);
      ASSERT_TRUE(next);
      ASSERT_GE(*next, now);
      ASSERT_TRUE(schedule.due(next));
      ASSERT_TRUE(*next == now || !schedule.due(*next - std::chrono::seconds(1)));
      const std::int64_t local = next->time_since_epoch().count() + window.zone_minutes * 60;
      const std::int64_t day = (local - window.start_minute * 60) / kDay;  // of the window's opening
      ASSERT_LT(local - day * kDay - window.start_minute * 60, window.length_minutes * 60);
      ASSERT_TRUE((window.days >> weekday(day)) & 1U);
      ++visits[day];
      schedule.visit_began(*next);
      schedule.visit_decided();
      ASSERT_FALSE(schedule.due(*next));
      now = *next;
    }
    ASSERT_EQ(visits.size(), 30U);
  }
}

// A clock that only jumps forward, and a visit each time that one is due: never two in one window.
TEST(Schedule, T6_JumpsNeverMakeTwoVisitsADay) {
  std::mt19937 random(2);
  for (int round = 0; round < 300; ++round) {
    const WindowSettings window = any_window(random);
    Schedule schedule(window, device(static_cast<std::uint32_t>(random())));
    std::map<std::int64_t, int> visits;
    std::int64_t now = kMonday * kDay;
    for (int i = 0; i < 500; ++i) {
      now += static_cast<std::int64_t>(random() % 20000);
      if (schedule.due(at(now))) {
        ++visits[(now + window.zone_minutes * 60 - window.start_minute * 60) / kDay];
        schedule.visit_began(at(now));
        schedule.visit_decided();
      }
    }
    for (const auto& [day, count] : visits) {
      ASSERT_EQ(count, 1) << day;
    }
  }
}

// Computed apart, by spec/schedule.md alone.
TEST(Schedule, HashIsTheOneOfTheSpecification) {
  constexpr Uuid kId = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0x4c, 0xde, 0x8f, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd};
  const Schedule schedule({.start_minute = 0, .length_minutes = 240}, kId);
  EXPECT_EQ(schedule.moment(kMonday) - kMonday * kDay, 305);
  EXPECT_EQ(schedule.moment(kMonday + 1) - (kMonday + 1) * kDay, 5604);
  EXPECT_EQ(schedule.moment(0), 8756);
  const std::int64_t missed = kMonday * kDay + 305 + 120;
  EXPECT_EQ(schedule.next(at(missed)), at(kMonday * kDay + 3348));
  EXPECT_EQ(schedule.next(at(kMonday * kDay + 3348 + 120)), at(kMonday * kDay + 11642));
  EXPECT_EQ(cohort(kId, 1), 4357U);
  EXPECT_EQ(cohort(kId, 7), 1563U);
  EXPECT_EQ(cohort(kId, std::uint64_t{1} << 40), 4238U);
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
