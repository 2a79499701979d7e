#include "ports/template/board.h"

#include "ports/cortexm/startup.h"
#include "ports/cortexm/system.h"

// Every exception of the processor that nothing else handles.
extern "C" [[noreturn]] void fault_handler() {
  ferry::cortexm::retained().reset_cause = ferry::cortexm::kRetainedWatchdog;
  ferry::cortexm::reset_system();
}

namespace ferry::board_template {

void Board::reset() {
  cortexm::retained().reset_cause = cortexm::kRetainedSoftware;
  cortexm::reset_system();
}

// A part with a register for the cause reads and clears it first: its watchdog leaves no note in RAM.
ResetCause Board::reset_cause() {
  const std::uint32_t note = cortexm::retained().reset_cause;
  cortexm::retained().reset_cause = 0;
  switch (note) {
    case cortexm::kRetainedSoftware:
      return ResetCause::kSoftware;
    case cortexm::kRetainedWatchdog:
      return ResetCause::kWatchdog;
    default:
      return ResetCause::kPowerOn;
  }
}

void Board::start_watchdog() {}

void Board::feed_watchdog() {}

}  // namespace ferry::board_template
