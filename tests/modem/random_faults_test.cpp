// A thousand random plans, each family's by itself. FERRY_MODEM_PLANS sets how many for each; FERRY_SEED is the first.
// A failure prints its seed: FERRY_MODEM_PLANS=1 FERRY_SEED=... is that plan again.
#include "tests/modem/world.h"

namespace ferry::modem {
namespace {

constexpr std::uint32_t kSize = 40000;

unsigned from_environment(const char* variable, unsigned otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

class T40_RandomFaults : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Families, T40_RandomFaults, ::testing::ValuesIn(all_cases()),
                         [](const auto& each) { return each.param.name; });

sim::ModemConfig conditions(std::uint32_t seed) {
  std::mt19937 draw(seed);
  sim::ModemConfig config;
  config.turnaround = Duration{1 + draw() % 30};
  config.latency = Duration{draw() % 300};
  config.bytes_per_second = draw() % 2 == 0 ? 0U : 5000U + static_cast<std::uint32_t>(draw() % 50000);
  config.receive_buffer = 1500 + draw() % 20000;
  config.echo = draw() % 2 == 0;
  config.powered = draw() % 4 != 0;
  return config;
}

void run_plan(const Case& the_case, std::uint32_t seed) {
  constexpr std::uint32_t kRates[] = {9600, 115200, 460800, 921600};
  World world(the_case, {.baud = kRates[seed % 4], .seed = seed}, conditions(seed));
  world.module.faults() = sim::ModemFaults::random(seed, world.family.name);
  world.module_text = world.module.faults().text();
  world.server.files["image"] = content(kSize, seed);
  int attempts = 0;
  while (world.fetch("image", kSize, 3h) != ftp::DownloadState::kDone) {
    ++attempts;
    ASSERT_LT(attempts, 20) << name(world.download->outcome().error()) << ", " << world.sink.bytes.size()
                            << " bytes; seed " << seed << "; " << world.told();
    world.sink.bytes.clear();
    world.run_for(60s);
  }
  ASSERT_TRUE(world.sink.bytes == content(kSize, seed)) << "seed " << seed << "; " << world.told();
  ASSERT_LT(world.module.power_cycles(), 4U) << "seed " << seed << "; " << world.told();
}

TEST_P(T40_RandomFaults, TheFileArrivesWhole) {
  const unsigned first = from_environment("FERRY_SEED", 1);
  const unsigned plans = from_environment("FERRY_MODEM_PLANS", 250);
  for (unsigned i = 0; i < plans && !HasFatalFailure(); ++i) {
    run_plan(GetParam(), first + i);
  }
}

}  // namespace
}  // namespace ferry::modem
