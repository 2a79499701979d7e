// Registers that every Cortex-M4 has (ARMv7-M Architecture Reference Manual, DDI 0403E: B3.2 system control block, B3.3
// SysTick, B3.4 NVIC).
#pragma once

#include <cstdint>

namespace ferry::cortexm {

struct SysTickRegisters {
  volatile std::uint32_t control;  // bit 0: on, 1: interrupt, 2: processor clock
  volatile std::uint32_t reload;
  volatile std::uint32_t value;
};

[[nodiscard]] inline volatile std::uint32_t& word_at(std::uint32_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}
[[nodiscard]] inline SysTickRegisters& sys_tick() {
  return *reinterpret_cast<SysTickRegisters*>(0xE000E010);
}

// NVIC: interrupts 0 to 63. Ones act, zeros leave things as they are.
inline void enable_interrupt(std::uint32_t number) {
  word_at(0xE000E100 + number / 32 * 4) = 1U << (number % 32);
}
inline void disable_all_interrupts() {
  for (std::uint32_t word = 0; word < 8; word += 4) {
    word_at(0xE000E180 + word) = UINT32_MAX;  // not enabled
    word_at(0xE000E280 + word) = UINT32_MAX;  // not pending
  }
}

[[nodiscard]] inline volatile std::uint32_t& vector_table_offset() {
  return word_at(0xE000ED08);
}

[[noreturn]] inline void reset_system() {
  asm volatile("dsb" ::: "memory");
  word_at(0xE000ED0C) = 0x05FA0004;  // AIRCR: key, SYSRESETREQ
  for (;;) {
  }
}

inline void wait_for_interrupt() {
  asm volatile("wfi");
}

// Interrupts wait while one of these lives.
class InterruptLock {
 public:
  InterruptLock() { asm volatile("cpsid i" ::: "memory"); }
  ~InterruptLock() { asm volatile("cpsie i" ::: "memory"); }
  InterruptLock(const InterruptLock&) = delete;
  InterruptLock& operator=(const InterruptLock&) = delete;
};

}  // namespace ferry::cortexm
