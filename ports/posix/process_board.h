// A process as a board: reset() asks for the program to be started anew in the same process.
//
//   ProcessBoard board(ProcessBoard::take_reset_cause());
//   while (!board.wants_reset()) { device.poll(clock.now()); network.wait(device.poll_timeout()); }
//   // destroy what holds locks and child processes, then:
//   ProcessBoard::restart(argv);
#pragma once

#include "device/base/board.h"

namespace ferry::posix {

class ProcessBoard final : public Board {
 public:
  // How the process before this one ended: "software" or "watchdog" in the environment; anything else, or nothing,
  // is a power-on. Takes it out of the environment, so that child processes do not inherit it.
  static constexpr const char* kCauseVariable = "FERRY_RESET_CAUSE";
  [[nodiscard]] static ResetCause take_reset_cause();

  // Replaces this process by a new run of the program, which then finds `cause`. Returns only where that fails.
  static void restart(char* const* argv, ResetCause cause = ResetCause::kSoftware);

  explicit ProcessBoard(ResetCause cause = ResetCause::kPowerOn) : cause_(cause) {}

  void reset() override { wants_reset_ = true; }
  [[nodiscard]] ResetCause reset_cause() override { return cause_; }
  // Tells the service manager, where it watches this process (sd_notify(3), WatchdogSec=).
  void feed_watchdog() override;

  [[nodiscard]] bool wants_reset() const { return wants_reset_; }

 private:
  ResetCause cause_;
  bool wants_reset_ = false;
};

}  // namespace ferry::posix
