// Registers of the MPS2 AN386 board as QEMU has it (ARM Application Note 386; CMSDK TRM, ARM DDI 0479).
#pragma once

#include <cstdint>

namespace ferry::mps2 {

inline constexpr std::uint32_t kClockHz = 25'000'000;

struct UartRegisters {
  volatile std::uint32_t data;
  volatile std::uint32_t state;  // bit 0: transmit buffer full, 1: receive buffer full, 3: receive overrun
  volatile std::uint32_t control;
  volatile std::uint32_t interrupts;  // write 1 to clear; bit 1: receive
  volatile std::uint32_t divider;
};
inline constexpr std::uint32_t kTransmitFull = 1;
inline constexpr std::uint32_t kReceiveFull = 2;
inline constexpr std::uint32_t kReceiveOverrun = 8;
inline constexpr std::uint32_t kTransmit = 1;
inline constexpr std::uint32_t kReceive = 2;
inline constexpr std::uint32_t kReceiveInterrupt = 8;

struct WatchdogRegisters {
  volatile std::uint32_t load;
  volatile std::uint32_t value;
  volatile std::uint32_t control;  // bit 0: interrupt (here the NMI), 1: reset at the second expiry
  volatile std::uint32_t clear;    // any write: counts from `load` anew
};

[[nodiscard]] inline UartRegisters& console_uart() {
  return *reinterpret_cast<UartRegisters*>(0x40004000);
}
[[nodiscard]] inline UartRegisters& module_uart() {
  return *reinterpret_cast<UartRegisters*>(0x40005000);
}
[[nodiscard]] inline WatchdogRegisters& watchdog() {
  return *reinterpret_cast<WatchdogRegisters*>(0x40008000);
}
[[nodiscard]] inline volatile std::uint32_t& watchdog_lock() {
  return *reinterpret_cast<volatile std::uint32_t*>(0x40008C00);
}

inline constexpr std::uint32_t kModuleReceiveInterrupt = 2;  // UART1, receive

}  // namespace ferry::mps2
