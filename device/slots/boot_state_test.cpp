#include "device/slots/boot_state.h"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/nor_flash.h"

namespace ferry {
namespace {

using ::testing::ElementsAreArray;

constexpr FlashGeometry kGeometry{.size = 4096, .sector_size = 1024, .write_size = 8};

Release release(std::uint64_t sequence) {
  Release made{.sequence = sequence};
  for (std::size_t i = 0; i < made.manifest.size(); ++i) {
    made.manifest[i] = static_cast<std::uint8_t>(sequence * 16 + i);
  }
  return made;
}

Error error_of(const Status& status) {
  return status ? Error{} : status.error();
}

class BootStateTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(journal.mount()); }
  // As the next boot sees it.
  BootState stored() {
    sim::NorFlash copy(kGeometry, faults);
    copy.restore(flash.content());
    Journal fresh(Area(copy, 0, kGeometry.size));
    EXPECT_TRUE(fresh.mount());
    BootStateStore other(fresh);
    EXPECT_TRUE(other.load());
    return other.state();
  }

  sim::FaultPlan faults;
  sim::NorFlash flash{kGeometry, faults};
  Journal journal{Area(flash, 0, kGeometry.size)};
  BootStateStore store{journal};
};

TEST_F(BootStateTest, NewDeviceHasNone) {
  EXPECT_EQ(error_of(store.load()), Error::kNotFound);
  EXPECT_EQ(store.state().phase, TrialPhase::kNone);
  EXPECT_EQ(store.state().floor.sequence, 0U);
}

// The bytes of spec/flash.md, written down apart from the code: a format, read for ever.
TEST_F(BootStateTest, GoldenBytes) {
  ASSERT_TRUE(store.adopt(SlotSet(0b0010), release(5)));
  ASSERT_TRUE(store.arm_trial(SlotSet(0b0011), release(6), 0b0101));
  ASSERT_TRUE(store.trial_started());
  ASSERT_TRUE(store.revert(Error::kTrialCrashed));
  ASSERT_TRUE(store.arm_trial(SlotSet(0b0011), release(7), 0b0010));
  ASSERT_TRUE(store.trial_started());
  ASSERT_TRUE(store.trial_crashed());
  ASSERT_TRUE(store.trial_lost_power());
  ASSERT_TRUE(store.trial_lost_power());
  std::vector<std::uint8_t> expected = {1, 2, 0b0010, 0b0011, 1, 2, 0b0010, 0b0101, 1, 0, 0x91, 0x01};
  for (const std::uint64_t sequence : {7U, 5U, 6U}) {  // trial, floor, failed
    expected.insert(expected.end(), {static_cast<std::uint8_t>(sequence), 0, 0, 0, 0, 0, 0, 0});
    const Release made = release(sequence);
    expected.insert(expected.end(), made.manifest.begin(), made.manifest.begin() + 20);
  }
  std::array<std::uint8_t, Journal::kMaxValue> buffer{};
  const auto record = journal.get(Tag::kBootState, buffer);
  ASSERT_TRUE(record);
  EXPECT_THAT(std::vector<std::uint8_t>(record->begin(), record->end()), ElementsAreArray(expected));
}

TEST_F(BootStateTest, RefusesARecordOfAnotherFormat) {
  ASSERT_TRUE(store.adopt(SlotSet(1), release(5)));
  std::array<std::uint8_t, Journal::kMaxValue> buffer{};
  const auto record = journal.get(Tag::kBootState, buffer);
  ASSERT_TRUE(record);
  const std::size_t size = record->size();
  for (const auto& [at, value] : {std::pair{0U, 2}, {1U, 3}, {0U, 0}, {1U, 255}}) {
    auto changed = buffer;
    changed[at] = static_cast<std::uint8_t>(value);
    ASSERT_TRUE(journal.put(Tag::kBootState, ByteView(changed).first(size)));
    EXPECT_EQ(error_of(store.load()), Error::kCorrupt);
    EXPECT_EQ(store.state().floor.sequence, 0U);
  }
  for (const std::size_t wrong : {std::size_t{0}, size - 1, size + 1}) {
    ASSERT_TRUE(journal.put(Tag::kBootState, ByteView(buffer).first(wrong)));
    EXPECT_EQ(error_of(store.load()), Error::kCorrupt);
  }
}

TEST_F(BootStateTest, ConfirmedTrialIsInForceAndIsTheFloor) {
  ASSERT_TRUE(store.adopt(SlotSet(0), release(5)));
  ASSERT_TRUE(store.arm_trial(SlotSet(1), release(6), 0b11));
  EXPECT_EQ(stored().phase, TrialPhase::kArmed);
  ASSERT_TRUE(store.trial_started());
  ASSERT_TRUE(store.handler_activated(0));
  EXPECT_EQ(stored().handlers_to_activate, 0b10);
  EXPECT_EQ(stored().handlers_to_roll_back, 0b01);
  EXPECT_EQ(stored().floor, release(5)) << "not before it is confirmed";
  ASSERT_TRUE(store.handler_activated(1));
  ASSERT_TRUE(store.confirm());
  const BootState state = stored();
  EXPECT_EQ(state.phase, TrialPhase::kNone);
  EXPECT_EQ(state.confirmed, SlotSet(1));
  EXPECT_EQ(state.floor, release(6));
  EXPECT_EQ(state.handlers_to_roll_back, 0);
}

TEST_F(BootStateTest, RevertGoesBackAndKeepsTheReason) {
  ASSERT_TRUE(store.adopt(SlotSet(0), release(5)));
  for (std::uint8_t times = 1; times <= 3; ++times) {
    ASSERT_TRUE(store.arm_trial(SlotSet(1), release(6), 0b11));
    ASSERT_TRUE(store.trial_started());
    ASSERT_TRUE(store.handler_activated(1));
    ASSERT_TRUE(store.revert(Error::kTrialCrashed));
    const BootState state = stored();
    EXPECT_EQ(state.confirmed, SlotSet(0));
    EXPECT_EQ(state.floor, release(5));
    EXPECT_EQ(state.failed, release(6));
    EXPECT_EQ(state.failed_count, times);
    EXPECT_EQ(state.revert_reason, Error::kTrialCrashed);
    EXPECT_FALSE(state.revert_reported);
    EXPECT_EQ(state.handlers_to_roll_back, 0b11);
    ASSERT_TRUE(store.handler_rolled_back(0));
    EXPECT_EQ(stored().handlers_to_roll_back, 0b10);
    ASSERT_TRUE(store.handler_rolled_back(1));
    ASSERT_TRUE(store.revert_reported());
    EXPECT_TRUE(stored().revert_reported);
  }
  ASSERT_TRUE(store.arm_trial(SlotSet(1), release(6), 0));
  ASSERT_TRUE(store.revert(Error::kTrialPowerCuts));
  EXPECT_EQ(stored().failed_count, 3) << "the release is not at fault";
  ASSERT_TRUE(store.arm_trial(SlotSet(1), release(7), 0));
  ASSERT_TRUE(store.revert(Error::kTrialImageBad));
  EXPECT_EQ(stored().failed_count, 1) << "another release";
}

TEST_F(BootStateTest, RefusesWhatTheStateDoesNotAllow) {
  ASSERT_TRUE(store.adopt(SlotSet(0), release(5)));
  EXPECT_EQ(error_of(store.confirm()), Error::kWrongState);
  EXPECT_EQ(error_of(store.revert(Error::kTrialCrashed)), Error::kWrongState);
  EXPECT_EQ(error_of(store.trial_started()), Error::kWrongState);
  EXPECT_EQ(error_of(store.trial_crashed()), Error::kWrongState);
  EXPECT_EQ(error_of(store.trial_lost_power()), Error::kWrongState);
  EXPECT_EQ(stored().floor, release(5));
}

TEST_F(BootStateTest, T4_AdoptNeverLowersTheFloor) {
  ASSERT_TRUE(store.adopt(SlotSet(0), release(9)));
  ASSERT_TRUE(store.adopt(SlotSet(1), release(5)));
  EXPECT_EQ(stored().floor, release(9));
  EXPECT_EQ(stored().confirmed, SlotSet(1));
}

// The story of three releases, with the power cut at every operation and again in the recovery: every state is the one
// before or the one after the step that was cut, and the floor never falls.
using Step = std::function<Status(BootStateStore&)>;

std::vector<Step> steps_of_the_story() {
  std::vector<Step> steps = {[](auto& store) { return store.adopt(SlotSet(0), release(1)); }};
  for (std::uint64_t sequence = 2; sequence < 8; ++sequence) {
    const SlotSet slots(static_cast<std::uint8_t>(sequence % 2));
    steps.emplace_back([=](auto& store) { return store.arm_trial(slots, release(sequence), 1); });
    steps.emplace_back([](auto& store) { return store.trial_started(); });
    steps.emplace_back([](auto& store) { return store.handler_activated(0); });
    steps.emplace_back([](auto& store) { return store.trial_lost_power(); });
    if (sequence % 3 == 0) {
      steps.emplace_back([](auto& store) { return store.revert(Error::kTrialNotConfirmed); });
      steps.emplace_back([](auto& store) { return store.handler_rolled_back(0); });
    } else {
      steps.emplace_back([](auto& store) { return store.confirm(); });
    }
  }
  return steps;
}

class Story {
 public:
  Story(std::uint32_t unit, std::uint64_t cut)
      : cut_(cut), flash_({.size = 4096, .sector_size = 1024, .write_size = unit}, faults_) {
    flash_.seed(cut);
  }

  // False when it was over before the operation in which the power was to fail.
  bool run() {
    faults_.cut_power_at = cut_;
    const std::vector<Step> steps = steps_of_the_story();
    bool running = start();
    while (next_ < steps.size() && !::testing::Test::HasFatalFailure()) {
      if (running && steps[next_](*store_)) {
        state_ = store_->state();
        ++next_;
        continue;
      }
      EXPECT_TRUE(faults_.power_is_off) << "step " << next_;
      faults_.power_on();
      faults_.cut_power_at = cuts_++ == 0 ? faults_.flash_operations + 1 + cut_ % 17 : sim::FaultPlan::kNone;
      running = start();
      if (running) {
        take_up();
      }
    }
    EXPECT_EQ(state_.floor.sequence, 7U);
    return cuts_ > 0;
  }

 private:
  bool start() {
    journal_ = std::make_unique<Journal>(Area(flash_, 0, 4096));
    store_ = std::make_unique<BootStateStore>(*journal_);
    return journal_->mount() && !faults_.power_is_off;
  }

  void take_up() {
    static_cast<void>(store_->load());
    const BootState& found = store_->state();
    EXPECT_GE(found.floor.sequence, state_.floor.sequence);
    EXPECT_FALSE(journal_->lost_records());
    const bool is_done = found.floor != state_.floor || found.phase != state_.phase ||
                         found.power_cuts != state_.power_cuts ||
                         found.handlers_to_activate != state_.handlers_to_activate ||
                         found.handlers_to_roll_back != state_.handlers_to_roll_back;
    next_ += is_done ? 1 : 0;
    state_ = found;
  }

  std::uint64_t cut_;
  sim::FaultPlan faults_;
  sim::NorFlash flash_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<BootStateStore> store_;
  BootState state_;  // as it was last known to be in flash
  std::size_t next_ = 0;
  int cuts_ = 0;
};

class BootStateCut : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(BootStateCut, T4_T30_FloorSurvivesACutAtEveryOperationAndInTheRecovery) {
  bool was_cut = true;
  for (std::uint64_t cut = 1; was_cut && !HasFailure(); ++cut) {
    SCOPED_TRACE("cut at operation " + std::to_string(cut));
    was_cut = Story(GetParam(), cut).run();
  }
}

INSTANTIATE_TEST_SUITE_P(Unit, BootStateCut, ::testing::Values(1U, 4U, 8U, 16U, 32U));

}  // namespace
}  // namespace ferry
