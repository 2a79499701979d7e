// The part's interrupts, behind the processor's own vectors; their numbers are the peripherals' (nRF52840 Product
// Specification v1.1, 4.2.4 Instantiation).
#include "ports/cortexm/startup.h"

extern "C" {
[[gnu::weak]] void module_uart_handler();  // not in a program without the module's line
void rtc_handler();
}

namespace {

struct Interrupts {
  ferry::cortexm::Vector before[2];
  ferry::cortexm::Vector uarte0 = module_uart_handler;  // 2
  ferry::cortexm::Vector between[14];
  ferry::cortexm::Vector rtc1 = rtc_handler;  // 17
  ferry::cortexm::Vector behind[30];          // up to 47
};

[[gnu::section(".interrupts"), gnu::used]] const Interrupts kInterrupts = {};

}  // namespace
