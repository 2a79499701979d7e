#include "ports/template/power.h"

namespace ferry::board_template {

PowerStatus Power::status() {
  return {.on_mains = false, .battery_mwh = 0};  // unknown: nothing that needs power is begun
}

void PowerLines::set_supply(bool /*on*/) {}

void PowerLines::press_power_key(bool /*pressed*/) {}

}  // namespace ferry::board_template
