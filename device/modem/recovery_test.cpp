#include "device/modem/recovery.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace ferry::modem {
namespace {

class Memory final : public RetainedRecord {
 public:
  [[nodiscard]] Result<std::size_t> load(ByteSpan record) override { return copy(as_bytes(bytes), record); }
  [[nodiscard]] Status store(ByteView record) override {
    bytes = as_text(record);
    ++stores;
    return ok();
  }
  std::string bytes;
  int stores = 0;
};

// Waits for what is pending and takes it; the wait in whole minutes.
std::pair<Action, int> take(Recovery& recovery, Instant& now) {
  const Instant start = now;
  while (recovery.due() > now) {
    now = std::min(recovery.due(), recovery.poll_timeout());
    recovery.poll(now);
  }
  return {recovery.take_due(now), static_cast<int>(std::chrono::floor<std::chrono::minutes>(now - start).count())};
}

TEST(Recovery, TheNetworksLadder) {
  Memory memory;
  Recovery recovery(memory, 1);
  Instant now{};
  const std::vector<std::pair<Action, int>> expected = {
      {Action::kBearer, 0}, {Action::kRadio, 5},  {Action::kPower, 10}, {Action::kRadio, 15},
      {Action::kPower, 20}, {Action::kPower, 30}, {Action::kPower, 60}, {Action::kPower, 60}};
  for (const auto& [action, minutes] : expected) {
    recovery.network_failed(now);
    recovery.network_failed(now);  // the same failure again changes nothing
    const auto [taken, waited] = take(recovery, now);
    EXPECT_EQ(taken, action);
    EXPECT_GE(waited, minutes);
    EXPECT_LE(waited, minutes + minutes / 4 + 1);
    EXPECT_EQ(recovery.take_due(now), Action::kNone);
  }
  recovery.succeeded();
  recovery.network_failed(now);
  EXPECT_EQ(take(recovery, now).first, Action::kBearer);
}

TEST(Recovery, TheMuteModulesLadder) {
  Memory memory;
  Recovery recovery(memory, 1);
  Instant now{};
  for (const int minutes : {0, 0, 0, 10, 30, 60}) {
    recovery.module_mute(now);
    const auto [action, waited] = take(recovery, now);
    EXPECT_EQ(action, Action::kPower);
    EXPECT_GE(waited, minutes);
    EXPECT_LE(waited, minutes + minutes / 4 + 1);
  }
}

TEST(Recovery, AtMostThirtyPowerCyclesADay) {
  for (const Duration works_for : {0min, 10min, 59min, 61min, 120min}) {
    Memory memory;
    Recovery recovery(memory, 1);
    Instant now{};
    int cycles = 0;
    while (now < Instant{} + 24h) {
      recovery.module_mute(now);
      cycles += take(recovery, now).first == Action::kPower ? 1 : 0;
      recovery.succeeded();
      const Instant fails = now + works_for;
      while (recovery.poll_timeout() < fails) {
        now = recovery.poll_timeout();
        recovery.poll(now);
      }
      now = fails;
    }
    EXPECT_LE(cycles, 30) << works_for.count();
  }
}

TEST(Recovery, AWaitGoesOnAfterAReset) {
  Memory memory;
  Instant now{};
  Duration waited{0};
  {
    Recovery recovery(memory, 1);
    for (int i = 0; i < 6; ++i) {
      recovery.network_failed(now);
      static_cast<void>(take(recovery, now));
    }
    recovery.network_failed(now);
  }
  // A reset every 20 minutes: no wait is forgotten, none lasts for ever.
  Action action = Action::kNone;
  while (action == Action::kNone && waited < 4h) {
    Recovery recovery(memory, 1);
    now = Instant{};
    recovery.load(now);
    ASSERT_TRUE(recovery.is_pending());
    for (; now < Instant{} + 20min && action == Action::kNone; now += 1s) {
      recovery.poll(now);
      action = recovery.take_due(now);
    }
    waited += now.time_since_epoch();
  }
  EXPECT_EQ(action, Action::kPower);
  EXPECT_GE(waited, 55min);
  EXPECT_LE(waited, 120min);
}

TEST(Recovery, ARecordThatFailsItsCheckIsForgotten) {
  Memory memory;
  Instant now{};
  {
    Recovery recovery(memory, 1);
    recovery.network_failed(now);
  }
  for (std::size_t i = 0; i < memory.bytes.size(); ++i) {
    Memory changed = memory;
    changed.bytes[i] = static_cast<char>(changed.bytes[i] ^ 1);
    Recovery recovery(changed, 1);
    recovery.load(now);
    EXPECT_FALSE(recovery.is_pending()) << i;
  }
  Recovery recovery(memory, 1);
  recovery.load(now);
  EXPECT_TRUE(recovery.is_pending());
}

TEST(Recovery, TheRecordIsWrittenSeldom) {
  Memory memory;
  Recovery recovery(memory, 1);
  Instant now{};
  for (int i = 0; i < 20; ++i) {
    recovery.network_failed(now);
    static_cast<void>(take(recovery, now));
  }
  EXPECT_LT(memory.stores, 20 * 18);
}

TEST(Recovery, DevicesDoNotMoveInStep) {
  std::vector<Instant> dues;
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    Memory memory;
    Recovery recovery(memory, seed);
    recovery.network_failed(Instant{});
    static_cast<void>(recovery.take_due(Instant{} + 1h));
    recovery.network_failed(Instant{});
    dues.push_back(recovery.due());
  }
  std::sort(dues.begin(), dues.end());
  EXPECT_GT(std::unique(dues.begin(), dues.end()) - dues.begin(), 30);
}

}  // namespace
}  // namespace ferry::modem
