// The board's interrupts, behind the processor's own vectors (AN386, 3.8: UART1's receiver is number 2).
#include "ports/cortexm/startup.h"

extern "C" [[gnu::weak]] void module_receive_handler();  // not in a program without the module's line

namespace {

[[gnu::section(".interrupts"), gnu::used]] const ferry::cortexm::Vector kInterrupts[32] = {fault_handler, fault_handler,
                                                                                           module_receive_handler};

}  // namespace
