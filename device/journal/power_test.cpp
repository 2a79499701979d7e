// The power fails at every flash operation of a workload, and again at every operation of the recovery after it. After
// that every record is old or new, stays what it is over any number of mounts, and nothing is called lost.
//
// A failure prints one line that replays it: FERRY_REPLAY=SECTOR,UNIT,STEP,FIRST,SECOND,SEED ferry_journal_test
// --gtest_filter=JournalPower.Replay
#include <cstdlib>
#include <gtest/gtest.h>
#include <optional>
#include <sstream>

#include "device/journal/journal.h"
#include "sim/nor_flash.h"

namespace ferry {
namespace {

using Value = std::vector<std::uint8_t>;
using Records = std::map<std::uint8_t, Value>;

struct Cuts {
  std::uint32_t sector = 1024;
  std::uint32_t unit = 8;
  std::uint64_t step = 0;    // of the workload
  std::uint64_t first = 0;   // flash operation of that step in which the power fails
  std::uint64_t second = 0;  // flash operation of the recovery in which it fails again; 0 = it does not
  std::uint64_t seed = 1;
};

constexpr std::uint32_t kSectors = 3;
constexpr std::uint64_t kSteps = 34;
constexpr std::uint64_t kNestedSeeds = 6;

// A mount at step 0, again now and then; otherwise a record of one of five tags, of any size, and another one each
// time.
bool is_mount(std::uint64_t step) {
  return step % 9 == 0;
}
std::uint8_t tag_of(std::uint64_t step) {
  return static_cast<std::uint8_t>(1 + step % 5);
}
Value value_of(std::uint64_t step) {
  constexpr std::array<std::size_t, 7> sizes = {97, 4, 0, 24, 65, 128, 8};
  Value value(sizes[step % sizes.size()], static_cast<std::uint8_t>(step * 37));
  if (!value.empty()) {
    value[0] = static_cast<std::uint8_t>(step);
  }
  return value;
}

class Bench {
 public:
  explicit Bench(const Cuts& cuts)
      : cuts_(cuts),
        flash_({.size = kSectors * cuts.sector, .sector_size = cuts.sector, .write_size = cuts.unit}, faults_) {
    for (std::uint64_t step = 0; step < kSteps; ++step) {
      before_.push_back({flash_.content(), journal_, records_});
      EXPECT_TRUE(perform(step)) << "without any cut";
    }
  }

  // False when the step was over before operation `first`, or the recovery before operation `second`.
  bool run(const Cuts& cuts) {
    SCOPED_TRACE(replay_line(cuts));
    cuts_ = cuts;
    const State& state = before_[cuts.step];
    flash_.restore(state.content);
    journal_ = state.journal;
    records_ = state.records;
    flash_.check_units(cuts.seed % 4 == 0);
    flash_.seed(cuts.seed * 1000003 + cuts.step * 1009 + cuts.first);
    cut_in(cuts.first);
    static_cast<void>(perform(cuts.step));
    if (!faults_.power_is_off) {
      return false;
    }
    power_on();
    if (cuts.second != 0) {
      flash_.seed(cuts.seed * 1000033 + cuts.first * 131 + cuts.second);
      cut_in(cuts.second);
      static_cast<void>(journal_.mount());
      if (!faults_.power_is_off) {
        return false;
      }
      power_on();
    }
    check_recovery();
    return true;
  }

 private:
  struct State {
    sim::NorFlash::Content content;
    Journal journal;
    Records records;
  };

  static std::string replay_line(const Cuts& cuts) {
    std::ostringstream line;
    line << "replay: FERRY_REPLAY=" << cuts.sector << ',' << cuts.unit << ',' << cuts.step << ',' << cuts.first << ','
         << cuts.second << ',' << cuts.seed << " ferry_journal_test --gtest_filter=JournalPower.Replay";
    return line.str();
  }

  void cut_in(std::uint64_t operations) { faults_.cut_power_at = faults_.flash_operations + operations; }

  // Also without a cut: what does not hold may read otherwise afterwards.
  void power_on() {
    std::array<std::uint8_t, 1> byte{};
    faults_.power_is_off = true;
    static_cast<void>(flash_.read(0, byte));
    faults_.cut_power_at = sim::FaultPlan::kNone;
    faults_.power_on();
    journal_ = Journal(area_);
  }

  Status perform(std::uint64_t step) {
    if (is_mount(step)) {
      journal_ = Journal(area_);
      return journal_.mount();
    }
    const Status put = journal_.put(static_cast<Tag>(tag_of(step)), value_of(step));
    if (put) {
      records_[tag_of(step)] = value_of(step);
    }
    return put;
  }

  [[nodiscard]] std::optional<Value> read(std::uint8_t tag) const {
    Value buffer(Journal::kMaxValue);
    const auto value = journal_.get(static_cast<Tag>(tag), buffer);
    EXPECT_TRUE(value || value.error() == Error::kNotFound) << static_cast<int>(value.error());
    return value ? std::optional(Value(value->begin(), value->end())) : std::nullopt;
  }
  [[nodiscard]] static std::optional<Value> expected(const Records& records, std::uint8_t tag) {
    const auto found = records.find(tag);
    return found == records.end() ? std::nullopt : std::optional(found->second);
  }

  void check_recovery() {
    ASSERT_TRUE(journal_.mount());
    EXPECT_FALSE(journal_.lost_records());
    for (std::uint8_t tag = 1; tag < Journal::kMaxTags; ++tag) {
      const auto value = read(tag);
      const bool is_old = value == expected(records_, tag);
      const bool is_new = !is_mount(cuts_.step) && tag == tag_of(cuts_.step) && value == value_of(cuts_.step);
      ASSERT_TRUE(is_old || is_new) << "tag " << int{tag};
      if (value) {
        records_[tag] = *value;
      }
    }
    check_stays();
    for (std::uint64_t step = cuts_.step; step < cuts_.step + 4; ++step) {
      ASSERT_TRUE(journal_.put(static_cast<Tag>(tag_of(step)), value_of(step)));
      records_[tag_of(step)] = value_of(step);
    }
    check_stays();
  }

  void check_stays() {
    for (int mount = 0; mount < 4; ++mount) {
      power_on();
      ASSERT_TRUE(journal_.mount());
      EXPECT_FALSE(journal_.lost_records());
      for (std::uint8_t tag = 1; tag < 7; ++tag) {
        ASSERT_EQ(read(tag), expected(records_, tag)) << "tag " << int{tag} << ", mount " << mount;
      }
    }
  }

  Cuts cuts_;
  sim::FaultPlan faults_;
  sim::NorFlash flash_;
  Area area_{flash_, 0, kSectors* cuts_.sector};
  Journal journal_{area_};
  Records records_;
  std::vector<State> before_;
};

class JournalPowerCut : public ::testing::TestWithParam<std::tuple<std::uint32_t, std::uint32_t>> {
 protected:
  [[nodiscard]] static Cuts cuts() { return {.sector = std::get<0>(GetParam()), .unit = std::get<1>(GetParam())}; }
};

TEST_P(JournalPowerCut, T30_CutAtEveryOperation) {
  Bench bench(cuts());
  std::uint64_t runs = 0;
  for (std::uint64_t step = 0; step < kSteps && !HasFailure(); ++step) {
    for (std::uint64_t seed = 1; seed <= 40 && !HasFailure(); ++seed) {
      Cuts each = cuts();
      each.step = step;
      each.seed = seed;
      for (each.first = 1; !HasFailure() && bench.run(each); ++each.first) {
        ++runs;
      }
    }
  }
  EXPECT_GT(runs, 40U * kSteps);
}

TEST_P(JournalPowerCut, T30_CutAgainAtEveryOperationOfTheRecovery) {
  Bench bench(cuts());
  std::uint64_t runs = 0;
  for (std::uint64_t i = 0; i < kSteps * kNestedSeeds && !HasFailure(); ++i) {
    Cuts each = cuts();
    each.step = i / kNestedSeeds;
    each.seed = 1 + i % kNestedSeeds;
    for (each.first = 1; !HasFailure() && bench.run(each); ++each.first, each.second = 0) {
      for (each.second = 1; !HasFailure() && bench.run(each); ++each.second) {
        ++runs;
      }
    }
  }
  RecordProperty("runs", static_cast<int>(runs));
  EXPECT_GT(runs, 10U * kNestedSeeds * kSteps);
}

INSTANTIATE_TEST_SUITE_P(SectorAndUnit, JournalPowerCut,
                         ::testing::Combine(::testing::Values(1024U, 2048U, 4096U),
                                            ::testing::Values(1U, 4U, 8U, 16U, 32U)));

TEST(JournalPower, Replay) {
  const char* const text = std::getenv("FERRY_REPLAY");
  Cuts cuts{.first = 1};
  if (text != nullptr) {
    std::istringstream line(text);
    char comma = 0;
    line >> cuts.sector >> comma >> cuts.unit >> comma >> cuts.step >> comma >> cuts.first >> comma >> cuts.second >>
        comma >> cuts.seed;
    ASSERT_TRUE(line) << "FERRY_REPLAY=SECTOR,UNIT,STEP,FIRST,SECOND,SEED";
  }
  EXPECT_TRUE(Bench(cuts).run(cuts));
}

}  // namespace
}  // namespace ferry
