// Long stories: modules and networks that stay broken, and an MCU that is reset meanwhile.
#include "tests/modem/world.h"

namespace ferry::modem {
namespace {

TEST(ModemRecovery, T40_ABrokenModuleIsSwitchedAtMostThirtyTimesADay) {
  World world({}, {}, {.powered = false, .boots = false});
  world.run_for(24h);
  EXPECT_GE(world.module.power_cycles(), 10U);
  EXPECT_LE(world.module.power_cycles(), 30U);
}

TEST(ModemRecovery, T40_NorMoreOftenWhenTheMcuIsResetMeanwhile) {
  World world({}, {}, {.powered = false, .boots = false});
  for (int i = 0; i < 24 * 4; ++i) {
    world.run_for(15min);
    world.reset_device();
  }
  EXPECT_GE(world.module.power_cycles(), 10U);
  EXPECT_LE(world.module.power_cycles(), 30U);
}

TEST(ModemRecovery, T40_ABearerThatIsRefusedIsAskedForSeldom) {
  World world;
  world.settings.release_after = Settings::kKeep;
  world.module.faults() = sim::ModemFaults::parse("always refuse");
  world.reset_device();
  world.run_for(12h);
  const std::size_t asked = world.module.count("AT+QIACT=");
  EXPECT_GE(asked, 8U);
  EXPECT_LE(asked, 4U * 12U);
  EXPECT_LE(world.module.power_cycles(), 15U);
  world.module.faults().clear();
  EXPECT_TRUE(world.run_until(State::kOnline, 90min));
}

TEST(ModemRecovery, T40_DeniedRegistrationIsNoReasonToHurry) {
  World world;
  world.module.faults() = sim::ModemFaults::parse("at 0 registration 3");
  world.run_for(12h);
  EXPECT_LE(world.module.power_cycles(), 12U);
  EXPECT_LE(world.module.count("AT+CFUN=0"), 12U);
}

TEST(ModemRecovery, T40_AResetOfTheMcuInTheMiddleOfAnything) {
  for (const Case& each : all_cases()) {
    for (int after = 0; after < 120; ++after) {
      World world(each);
      world.server.files["image"] = content(20000);
      world.download->start(kServer, "image", 20000, 20000, world.sink, world.clock.now());
      world.run_for(Duration{after * 37});
      world.reset_device();
      world.sink.bytes.clear();
      ASSERT_EQ(world.fetch("image", 20000, 30min), ftp::DownloadState::kDone) << each.name << " " << after;
      ASSERT_EQ(world.sink.bytes, content(20000));
      ASSERT_EQ(world.module.power_cycles(), 0U) << each.name << " " << after;
    }
  }
}

}  // namespace
}  // namespace ferry::modem
