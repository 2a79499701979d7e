// Port: Board (device/base/board.h), reset and watchdog.
#pragma once

#include "device/base/board.h"

namespace ferry::board_template {

class Board final : public ferry::Board {
 public:
  // Does not return. What is retained (ports/cortexm/startup.h) survives it.
  void reset() override;
  // Why the device was reset last; asked once, by the bootloader, and cleared with that. kWatchdog for the watchdog and
  // for faults (fault_handler leaves a note): that counts against an image on trial. kSoftware for reset(). kPowerOn
  // for everything else, the reset pin and a brown-out among it: when in doubt, this one.
  [[nodiscard]] ResetCause reset_cause() override;
  // From the bootloader on, and never off again. Longer than the longest erase and the check of a whole slot, which the
  // bootloader does without feeding it; 8 s is enough for 256 KiB at 25 MHz.
  void start_watchdog();
  void feed_watchdog() override;
};

}  // namespace ferry::board_template
