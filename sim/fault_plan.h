// One counter for everything that can go wrong in a simulated world, so that "fail at operation N" names one instant.
//
// Flash and network count each operation here. At `cut_power_at` the power fails: that operation is torn (a part of
// its bits is done, by `seed`) and from then on every operation of every simulated part fails with kIo and has no
// effect, until the world calls power_on().
#pragma once

#include <cstdint>
#include <deque>
#include <limits>

namespace ferry::sim {

struct FaultPlan {
  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t cut_power_at = kNone;       // 1-based flash operation (program or erase)
  std::uint64_t seed = 1;                   // how torn operations tear
  std::uint64_t cut_connection_at = kNone;  // 1-based byte over all connections (both directions): reset at that byte

  // After each return of the power the next of these counts from there: cut again at the so-manieth operation.
  std::deque<std::uint64_t> later_cuts;

  std::uint64_t flash_operations = 0;  // counted so far
  std::uint64_t wire_bytes = 0;
  bool power_is_off = false;

  // Counts one flash operation; true when the power fails in it.
  bool flash_operation_fails() {
    ++flash_operations;
    if (flash_operations == cut_power_at) {
      power_is_off = true;
    }
    return power_is_off;
  }
  void power_on() {
    if (power_is_off && !later_cuts.empty()) {
      cut_power_at = flash_operations + later_cuts.front();
      later_cuts.pop_front();
    }
    power_is_off = false;
  }
};

}  // namespace ferry::sim
