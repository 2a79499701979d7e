// Port: Clock (device/base/clock.h). The time of day is kept by cortexm::Clock, which the meter tells what the module
// knows; a board with a battery-backed clock implements wall_time() itself.
#pragma once

#include "ports/cortexm/clock.h"

namespace ferry::board_template {

class Clock final : public cortexm::Clock {
 public:
  // From now on now() counts. It is called again by the application, which the bootloader has left its timer running.
  void start();
  // Milliseconds since start(), never backwards, for years: extend the counter of the hardware. A tick, or the timer's
  // compare, has to end wait_for_interrupt() at least every 10 ms.
  [[nodiscard]] Instant now() override;
};

}  // namespace ferry::board_template
