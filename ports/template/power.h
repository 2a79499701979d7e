// Port: Power (device/base/power.h), the supply; and PowerLines (device/modem/ports.h), the module's.
#pragma once

#include "device/base/power.h"
#include "device/modem/ports.h"

namespace ferry::board_template {

class Power final : public ferry::Power {
 public:
  // Asked before each step of an upgrade, so it is quick: a measurement that takes time runs beside it. on_mains passes
  // every condition on the battery; battery_mwh is the energy left, milliwatt hours, rather too low than too high;
  // brown_out_warning is true while the supply is below the level from which one sector can still be erased.
  [[nodiscard]] PowerStatus status() override;
};

class PowerLines final : public modem::PowerLines {
 public:
  // Both at once, and never wait: the driver keeps the module's times. A board without the line does nothing.
  void set_supply(bool on) override;
  void press_power_key(bool pressed) override;  // pressed: PWRKEY low
};

}  // namespace ferry::board_template
