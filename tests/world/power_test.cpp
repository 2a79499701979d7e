// T30: the power fails at every flash operation of a whole upgrade, and again at every operation of the recovery after
// it. Whatever the instant: the device boots an authentic image, the floor does not fall, all components of a release
// are in force or none, and the upgrade succeeds in the end.
//
// FERRY_SEED in the environment is added to the seeds of all runs: other flash, other bytes, other delays.
// A failure prints one line that replays it: FERRY_REPLAY=SCENARIO,FIRST,SECOND,SEED world_power_test
// --gtest_filter=Power.Replay
#include <array>
#include <cstdlib>
#include <sstream>

#include "tests/world/world.h"

namespace ferry::world {
namespace {

enum class Scenario : int { kUpgrade = 0, kRevert = 1, kComponents = 2, kDelta = 3, kSevered = 4, kPacked = 5 };

struct Cuts {
  Scenario scenario = Scenario::kUpgrade;
  std::uint64_t first = 0;   // flash operation of the visit; 0 = none
  std::uint64_t second = 0;  // flash operation after the power has come back; 0 = none
  std::uint64_t seed = 1;
};

const std::string kOldTariff = "tariff one";
const std::string kNewTariff = "tariff number two";

WorldOptions options_of(const Cuts& cuts) {
  constexpr std::array<std::uint32_t, 4> write_sizes = {8, 1, 4, 32};
  WorldOptions options;
  options.seed = cuts.seed;
  options.geometry.write_size = write_sizes[cuts.seed % write_sizes.size()];
  options.trial_seconds = 30;
  if (cuts.scenario == Scenario::kComponents) {
    options.components = {{.name = "radio", .kind = ComponentKind::kImage},
                          {.name = "tariff", .kind = ComponentKind::kHandler}};
  }
  return options;
}

// The old image with something new in front, and much of it moved.
std::string changed_image() {
  const std::string old = image("1.0.0", 2600);
  return "2.0.0" + old.substr(5, 900) + image("new", 150) + old.substr(905);
}

ReleaseOptions release_of(Scenario scenario) {
  ReleaseOptions release{.sequence = 2, .version = "2.0.0"};
  release.image = image(scenario == Scenario::kRevert ? "MUTE" : "2.0.0", 2600);
  release.severed = scenario == Scenario::kSevered;
  if (scenario == Scenario::kDelta || scenario == Scenario::kSevered) {
    release.image = changed_image();
    release.deltas_from = {image("1.0.0", 2600)};
  }
  if (scenario == Scenario::kPacked) {
    release.image = "2.0.0" + changed_image() + changed_image().substr(300, 1200);
    release.packed = true;
  }
  if (scenario == Scenario::kComponents) {
    release.further = {{"radio", image("radio 2", 700)}, {"tariff", kNewTariff}};
  }
  return release;
}

// The same for all runs: signing costs more than a run.
const host::BuiltRelease& built_release(Scenario scenario) {
  static const std::array<host::BuiltRelease, 6> releases = [] {
    const World world;
    return std::array{world.build(release_of(Scenario::kUpgrade)),    world.build(release_of(Scenario::kRevert)),
                      world.build(release_of(Scenario::kComponents)), world.build(release_of(Scenario::kDelta)),
                      world.build(release_of(Scenario::kSevered)),    world.build(release_of(Scenario::kPacked))};
  }();
  return releases[static_cast<std::size_t>(scenario)];
}

const host::BuiltRelease& honest_release() {
  static const host::BuiltRelease release =
      World().build({.sequence = 3, .version = "3.0.0", .image = image("3.0.0", 2600)});
  return release;
}

class Rehearsal {
 public:
  explicit Rehearsal(const Cuts& cuts) : cuts_(cuts), world_(options_of(cuts)) {
    world_.program_at_factory({.sequence = 1, .version = "1.0.0", .image = image("1.0.0", 2600)});
    for (const auto& handler : world_.handlers) {
      handler->set_in_force(kOldTariff);
    }
    world_.publish(built_release(cuts.scenario));
  }

  // Operations of the visit without any cut.
  std::uint64_t operations() {
    go();
    return visit_operations_;
  }

  void go() {
    SCOPED_TRACE(replay_line());
    ASSERT_TRUE(world_.run([&] { return world_.settled(); }, 60s));
    started_at_ = world_.faults.flash_operations;
    world_.faults.cut_power_at = cuts_.first != 0 ? started_at_ + cuts_.first : sim::FaultPlan::kNone;
    if (cuts_.second != 0) {
      world_.faults.later_cuts = {cuts_.second};
    }
    world_.device->clear_events();
    world_.device->upgrade().request_visit();
    ASSERT_TRUE(watch([&] { return world_.settled() && came_to_its_end(); })) << world_.story();
    visit_operations_ = world_.faults.flash_operations - started_at_;
    check_the_end();
  }

 private:
  [[nodiscard]] std::string replay_line() const {
    std::ostringstream line;
    line << "replay: FERRY_REPLAY=" << static_cast<int>(cuts_.scenario) << ',' << cuts_.first << ',' << cuts_.second
         << ',' << cuts_.seed << " world_power_test --gtest_filter=Power.Replay";
    return line.str();
  }

  [[nodiscard]] bool came_to_its_end() {
    return cuts_.scenario == Scenario::kRevert ? world_.device->boot_state().failed.sequence == 2
                                               : world_.running_version() == "2.0.0";
  }

  // A visit that was cut off before it was noted in flash is asked for once more.

  template <typename Done>
  bool watch(Done done) {
    for (int attempt = 0; attempt < 3; ++attempt) {
      if (world_.run([&] { return check_boot() && done(); }, 1800s)) {
        return true;
      }
      if (!world_.settled()) {
        return false;
      }
      world_.device->upgrade().request_visit();
    }
    return false;
  }

  // After every boot: an authentic image, and a floor that has not fallen.
  bool check_boot() {
    if (world_.device->boots() == boots_ || !world_.device->is_on()) {
      return true;
    }
    boots_ = world_.device->boots();
    EXPECT_NE(world_.device->boot_decision().action, BootAction::kRecovery);
    const std::string running = world_.device->running_image();
    EXPECT_TRUE(running == image("1.0.0", 2600) || running == release_of(cuts_.scenario).image);
    const std::uint64_t floor = world_.device->boot_state().floor.sequence;
    EXPECT_GE(floor, floor_);
    floor_ = floor;
    return true;
  }

  void check_the_end() {
    if (cuts_.scenario != Scenario::kRevert) {
      EXPECT_EQ(world_.running_version(), "2.0.0");
      EXPECT_TRUE(world_.device->running_image() == release_of(cuts_.scenario).image);
      EXPECT_EQ(world_.device->boot_state().floor.sequence, 2U);
    } else {
      EXPECT_EQ(world_.running_version(), "1.0.0");
      EXPECT_EQ(world_.device->boot_state().floor.sequence, 1U);
    }
    if (cuts_.scenario == Scenario::kComponents) {
      EXPECT_EQ(world_.handlers[0]->in_force(), kNewTariff);
      EXPECT_EQ(world_.device->boot_state().confirmed.slot(1), SlotId::kB);
      return;
    }
    world_.faults.cut_power_at = sim::FaultPlan::kNone;  // the next upgrade is another story
    world_.faults.later_cuts.clear();
    world_.publish(honest_release());
    world_.device->upgrade().request_visit();
    EXPECT_TRUE(world_.run([&] { return world_.settled() && world_.running_version() == "3.0.0"; }, 3600s));
  }

  Cuts cuts_;
  World world_;
  std::uint64_t started_at_ = 0;
  std::uint64_t floor_ = 1;
  std::uint64_t visit_operations_ = 0;
  std::uint32_t boots_ = 0;
};

std::uint64_t seed_of(std::uint64_t number) {
  const char* const base = std::getenv("FERRY_SEED");
  return number + (base != nullptr ? std::strtoull(base, nullptr, 10) : 0);
}

std::uint64_t operations_of(Scenario scenario, std::uint64_t seed) {
  return Rehearsal({.scenario = scenario, .seed = seed}).operations();
}

class PowerCut : public ::testing::TestWithParam<int> {};

TEST_P(PowerCut, T30_CutAtEveryOperation) {
  for (const Scenario scenario : {Scenario::kUpgrade, Scenario::kRevert, Scenario::kComponents, Scenario::kDelta,
                                  Scenario::kSevered, Scenario::kPacked}) {
    const std::uint64_t seed = seed_of(static_cast<std::uint64_t>(GetParam()) + 1);
    const std::uint64_t operations = operations_of(scenario, seed);
    ASSERT_GT(operations, 40U);
    for (std::uint64_t first = 1; first <= operations && !HasFailure(); ++first) {
      Rehearsal({.scenario = scenario, .first = first, .seed = seed}).go();
    }
  }
}

// Every operation of the recovery after every cut; the operations of a recovery are bounded by those of a whole visit.
TEST_P(PowerCut, T30_CutAgainAtEveryOperationOfTheRecovery) {
  const std::uint64_t operations = operations_of(Scenario::kUpgrade, seed_of(1));
  for (std::uint64_t first = 1 + static_cast<std::uint64_t>(GetParam()); first <= operations; first += 8) {
    for (std::uint64_t second = 1; second <= operations + 8 && !HasFailure(); ++second) {
      Rehearsal({.first = first, .second = second, .seed = seed_of(1 + first % 4)}).go();
    }
  }
}

// A packed image refers to what the burn has written, and the burn before the cut left something in its place.
TEST_P(PowerCut, T30_CutTwiceWhileAPackedImageIsInstalled) {
  const std::uint64_t seed = seed_of(static_cast<std::uint64_t>(GetParam()) + 1);
  ASSERT_LT(built_release(Scenario::kPacked).payloads.front().bytes.size(), changed_image().size() * 5 / 4);
  const std::uint64_t operations = operations_of(Scenario::kPacked, seed);
  for (std::uint64_t first = 1 + seed % 2; first <= operations && !HasFailure(); first += 2) {
    const std::uint64_t second = 1 + (first * 7 + static_cast<std::uint64_t>(GetParam())) % operations;
    Rehearsal({.scenario = Scenario::kPacked, .first = first, .second = second, .seed = seed}).go();
  }
}

INSTANTIATE_TEST_SUITE_P(Part, PowerCut, ::testing::Range(0, 8));

TEST(Power, Replay) {
  const char* const text = std::getenv("FERRY_REPLAY");
  if (text == nullptr) {
    return Rehearsal({}).go();  // nothing to replay: the upgrade without a cut
  }
  std::istringstream line(text);
  int scenario = 0;
  char comma = 0;
  Cuts cuts;
  line >> scenario >> comma >> cuts.first >> comma >> cuts.second >> comma >> cuts.seed;
  ASSERT_TRUE(line) << "FERRY_REPLAY=SCENARIO,FIRST,SECOND,SEED";
  cuts.scenario = static_cast<Scenario>(scenario);
  Rehearsal(cuts).go();
}

}  // namespace
}  // namespace ferry::world
