#include "tests/modem/world.h"

namespace ferry::modem {
namespace {

class BringUp : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Families, BringUp, ::testing::ValuesIn(all_cases()),
                         [](const auto& each) { return each.param.name; });

TEST_P(BringUp, RegistersAndReadsSignalAndClock) {
  World world(GetParam());
  ASSERT_TRUE(world.run_until(State::kReady, 30s));
  world.run_for(2s);
  EXPECT_EQ(world.driver->report().signal_dbm, -73);
  EXPECT_EQ(world.driver->report().registration, 1);
  const auto time = world.driver->wall_time(world.clock.now());
  ASSERT_TRUE(time.has_value());
  const auto truth = world.module.config().network_time +
                     std::chrono::floor<std::chrono::seconds>(world.clock.now().time_since_epoch());
  EXPECT_LE(std::chrono::abs(*time - truth), 2s);
  EXPECT_EQ(world.module.lost_commands(), 0U);
}

TEST_P(BringUp, DownloadsAFile) {
  World world(GetParam());
  world.server.files["image"] = content(262144);
  ASSERT_EQ(world.fetch("image", 262144, 10min), ftp::DownloadState::kDone)
      << name(world.download->outcome().error()) << world.told();
  EXPECT_EQ(world.sink.bytes, content(262144));
  EXPECT_EQ(world.module.lost_commands(), 0U);
  EXPECT_EQ(world.driver->report().rescues, 0U);
}

}  // namespace
}  // namespace ferry::modem
