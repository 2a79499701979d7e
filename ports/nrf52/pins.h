// What is wired where. The console's are those of Nordic's development kit (PCA10056); the module's are free there.
#pragma once

#include "ports/nrf52/registers.h"

namespace ferry::nrf52 {

inline constexpr Pin kConsoleTxd{0, 6};
inline constexpr Pin kConsoleRxd{0, 8};

inline constexpr Pin kModuleTxd{1, 1};
inline constexpr Pin kModuleRxd{1, 2};
inline constexpr Pin kModuleRts{1, 3};
inline constexpr Pin kModuleCts{1, 4};
inline constexpr Pin kModuleSupply{1, 5};    // high: on
inline constexpr Pin kModulePowerKey{1, 6};  // high: pressed (a transistor pulls PWRKEY low)

}  // namespace ferry::nrf52
