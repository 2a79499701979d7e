#include "ports/posix/system.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ports/posix/process_board.h"
#include "ports/posix/system_power.h"
#include "ports/posix/temporary_folder.h"
#include "ports/posix/unique_fd.h"

namespace ferry::posix {
namespace {

TEST(SystemClock, GoesForwardAndTellsTheTimeOfDay) {
  SystemClock clock;
  const Instant first = clock.now();
  EXPECT_GE(clock.now(), first);
  const auto wall = clock.wall_time();
  ASSERT_TRUE(wall);
  EXPECT_NEAR(static_cast<double>(wall->time_since_epoch().count()), static_cast<double>(std::time(nullptr)), 2);
}

TEST(SystemClock, OffsetIsAdded) {
  SystemClock clock;
  SystemClock tomorrow(std::chrono::hours(24));
  EXPECT_NEAR(static_cast<double>((*tomorrow.wall_time() - *clock.wall_time()).count()), 86400, 2);
}

TEST(SystemClock, T6_ATimeBeforeItCouldBeSetIsNone) {
  EXPECT_FALSE(SystemClock(-std::chrono::hours(24) * 365 * 40).wall_time());
}

TEST(UrandomEntropy, Fills) {
  std::array<std::uint8_t, 1024> first{};
  std::array<std::uint8_t, 1024> second{};
  UrandomEntropy entropy;
  ASSERT_TRUE(entropy.fill(first));
  ASSERT_TRUE(entropy.fill(second));
  EXPECT_NE(first, second);
  EXPECT_TRUE(entropy.fill({}));
}

class SystemPowerTest : public ::testing::Test {
 protected:
  void supply(const std::string& name, std::initializer_list<std::pair<const char*, const char*>> values) {
    std::filesystem::create_directories(folder_.path() / name);
    for (const auto& [file, value] : values) {
      std::ofstream(folder_.path() / name / file) << value << '\n';
    }
  }
  [[nodiscard]] PowerStatus status() const { return SystemPower(folder_.path()).status(); }

  TemporaryFolder folder_;
};

TEST_F(SystemPowerTest, WithoutSuppliesOnMains) {
  EXPECT_TRUE(status().on_mains);
  EXPECT_TRUE(SystemPower(folder_.path() / "none").status().on_mains);
}

TEST_F(SystemPowerTest, T34_BatteryAlone) {
  supply("AC", {{"type", "Mains"}, {"online", "0"}});
  supply("BAT0", {{"type", "Battery"}, {"energy_now", "12345678"}, {"capacity_level", "Normal"}});
  EXPECT_FALSE(status().on_mains);
  EXPECT_EQ(status().battery_mwh, 12345U);
  EXPECT_FALSE(status().brown_out_warning);
}

TEST_F(SystemPowerTest, ChargeTimesVoltage) {
  supply("BAT0", {{"type", "Battery"}, {"charge_now", "2000000"}, {"voltage_now", "3700000"}});
  EXPECT_EQ(status().battery_mwh, 7400U);
}

TEST_F(SystemPowerTest, T34_CriticalWarnsOnlyWithoutMains) {
  supply("BAT0", {{"type", "Battery"}, {"energy_now", "1000"}, {"capacity_level", "Critical"}});
  EXPECT_TRUE(status().brown_out_warning);
  supply("USB", {{"type", "USB"}, {"online", "1"}});
  EXPECT_FALSE(status().brown_out_warning);
  EXPECT_TRUE(status().on_mains);
}

TEST_F(SystemPowerTest, BatteriesOfOtherDevicesDoNotCount) {
  supply("mouse", {{"type", "Battery"}, {"scope", "Device"}, {"energy_now", "1000"}, {"capacity_level", "Critical"}});
  EXPECT_TRUE(status().on_mains);
  EXPECT_FALSE(status().brown_out_warning);
}

TEST(MainsPower, IsOnMains) {
  EXPECT_TRUE(MainsPower().status().on_mains);
}

TEST(ProcessBoard, TakesTheCauseOutOfTheEnvironment) {
  ::setenv(ProcessBoard::kCauseVariable, "watchdog", 1);
  EXPECT_EQ(ProcessBoard::take_reset_cause(), ResetCause::kWatchdog);
  EXPECT_EQ(std::getenv(ProcessBoard::kCauseVariable), nullptr);
  EXPECT_EQ(ProcessBoard::take_reset_cause(), ResetCause::kPowerOn);
}

TEST(ProcessBoard, ResetIsAWish) {
  ProcessBoard board(ResetCause::kSoftware);
  EXPECT_EQ(board.reset_cause(), ResetCause::kSoftware);
  EXPECT_FALSE(board.wants_reset());
  board.reset();
  EXPECT_TRUE(board.wants_reset());
}

// The new run is this test program with another filter: it ends well when it finds the cause.
TEST(ProcessBoard, RestartHandsOverTheCause) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::string name = "ferry_posix_test";
    std::string filter = "--gtest_filter=ProcessBoard.DISABLED_RestartedHere";
    std::string disabled = "--gtest_also_run_disabled_tests";
    std::array<char*, 4> argv{name.data(), filter.data(), disabled.data(), nullptr};
    ::setenv("FERRY_TEST_PROCESS", std::to_string(::getpid()).c_str(), 1);
    ProcessBoard::restart(argv.data());
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(ProcessBoard, DISABLED_RestartedHere) {
  EXPECT_EQ(ProcessBoard::take_reset_cause(), ResetCause::kSoftware);
  EXPECT_EQ(std::getenv("FERRY_TEST_PROCESS"), std::to_string(::getpid()));  // in the same process
}

TEST(ProcessBoard, FeedsTheServiceManager) {
  const TemporaryFolder folder;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (folder.path() / "notify").string();
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ProcessBoard board;
  board.feed_watchdog();  // nobody watches
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  board.feed_watchdog();
  ::unsetenv("NOTIFY_SOCKET");
  std::array<char, 32> text{};
  EXPECT_EQ(::recv(socket.get(), text.data(), text.size(), MSG_DONTWAIT), 10);
  EXPECT_STREQ(text.data(), "WATCHDOG=1");
}

}  // namespace
}  // namespace ferry::posix
