// Port: the power supply.
#pragma once

#include <cstdint>

namespace ferry {

struct PowerStatus {
  bool on_mains = true;            // a device on mains passes every battery condition
  std::uint32_t battery_mwh = 0;   // energy left, milliwatt hours (the unit of SUIT's minimum-battery)
  bool brown_out_warning = false;  // the supply is about to go: start nothing that must not stop
};

class Power {
 public:
  [[nodiscard]] virtual PowerStatus status() = 0;

 protected:
  ~Power() = default;  // never deleted through the port
};

}  // namespace ferry
