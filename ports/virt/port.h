// The machine `virt` of QEMU for RISC-V, in 32 bits (hw/riscv/virt.c): what programs need that show that the library
// does the same on another processor. There is no flash driver: "flash" is the upper half of RAM, which the emulator
// keeps in a file.
#pragma once

#include "device/base/clock.h"
#include "ports/bare/console.h"

extern "C" {

// What every program defines: its beginning.
[[noreturn, gnu::noinline]] void run_program();
}

namespace ferry {
namespace virt {

inline constexpr std::uint32_t kFlashAddress = 0x81000000;  // behind the program's memory: virt.ld

class Console final : public bare::Console {
 public:
  void start() {}  // the emulated line has no rate

 private:
  void do_send(std::uint8_t byte) override;
  [[nodiscard]] std::optional<std::uint8_t> do_receive() override;
};

// Milliseconds by the machine's timer.
class Clock final : public ferry::Clock {
 public:
  void start() {}
  [[nodiscard]] Instant now() override;
  [[nodiscard]] std::optional<WallTime> wall_time() override { return std::nullopt; }
};

// Bytes of the stack that were ever used. Reads what the start-up code has painted it with.
[[nodiscard]] std::uint32_t stack_used();

inline void wait_for_interrupt() {
  asm volatile("wfi");
}

}  // namespace virt

namespace port = virt;

}  // namespace ferry
