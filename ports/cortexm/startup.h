// Start of a program on a Cortex-M: its vector table, RAM, and what survives a reset.
#pragma once

#include <array>
#include <cstdint>

extern "C" {

// What every program defines: its beginning. Not inlined, so that script/size counts it for the program.
[[noreturn, gnu::noinline]] void run_program();

// What every board defines. A fault and the watchdog's warning come to the first: it leaves a note of it and resets.
[[noreturn]] void fault_handler();
[[gnu::weak]] void sys_tick_handler();
}

namespace ferry::cortexm {

// The board's interrupts stand behind the processor's vectors: an array of these in the section ".interrupts".
using Vector = void (*)();

inline constexpr std::uint32_t kRetainedSoftware = 0x50F77E5E;
inline constexpr std::uint32_t kRetainedWatchdog = 0x3A7CD066;

// At the beginning of RAM, in every program of a board; no start-up code clears it.
struct Retained {
  std::uint32_t reset_cause;
  std::uint32_t record_size;
  std::uint32_t record_check;
  std::array<std::uint8_t, 64> record;
};
[[nodiscard]] Retained& retained();

// Leaves this program for the one whose vector table stands at `address`, with all interrupts off.
[[noreturn]] void jump_to(std::uint32_t address);

// Bytes of RAM that this program's objects take: all of them are static.
[[nodiscard]] std::uint32_t object_bytes();

// Bytes of the stack that were ever used. Reads what the start-up code has painted it with.
[[nodiscard]] std::uint32_t stack_used();

}  // namespace ferry::cortexm
