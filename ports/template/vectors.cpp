// The part's interrupts, behind the processor's own vectors: one entry for each number up to the last that is used.
#include "ports/cortexm/startup.h"

namespace {

[[gnu::section(".interrupts"), gnu::used]] const ferry::cortexm::Vector kInterrupts[1] = {fault_handler};

}  // namespace
