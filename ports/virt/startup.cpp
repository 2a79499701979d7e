// Start of a program: registers, RAM, objects. A trap ends the emulator.
#include "ports/virt/port.h"

extern "C" {

extern std::uint32_t linker_bss[], linker_bss_end[], linker_stack[], linker_stack_top[];
extern void (*linker_init[])();
extern void (*linker_init_end[])();

[[noreturn]] void start();
[[noreturn]] void set_up();

// The machine's test device: any other end than 0x5555 is a failure.
[[noreturn, gnu::aligned(4)]] void fault() {
  for (;;) {
    *reinterpret_cast<volatile std::uint32_t*>(0x00100000) = 0x00013333;
  }
}

// For virtual functions that cannot be reached; and objects of static storage are never destroyed here.
[[noreturn]] void __cxa_pure_virtual() {
  fault();
}
void* __dso_handle = nullptr;
}  // extern "C"

namespace {

constexpr std::uint32_t kPaint = 0xA5A5A5A5;

}  // namespace

extern "C" [[noreturn, gnu::naked, gnu::section(".start")]] void start() {
  asm volatile(
      ".option push\n .option norelax\n la gp, __global_pointer$\n .option pop\n"
      "la sp, linker_stack_top\n la t0, fault\n"
      ".option push\n .option arch, +zicsr\n csrw mtvec, t0\n .option pop\n j set_up");
}

extern "C" [[noreturn, gnu::used]] void set_up() {
  std::uint32_t* here = nullptr;
  asm volatile("mv %0, sp" : "=r"(here));
  for (volatile std::uint32_t* word = linker_stack; word < here; ++word) {
    *word = kPaint;
  }
  for (volatile std::uint32_t* word = linker_bss; word < linker_bss_end; ++word) {
    *word = 0;
  }
  for (auto function = linker_init; function != linker_init_end; ++function) {
    (*function)();
  }
  run_program();
}

namespace ferry::virt {

std::uint32_t stack_used() {
  const std::uint32_t* word = linker_stack;
  while (word < linker_stack_top && *word == kPaint) {
    ++word;
  }
  return static_cast<std::uint32_t>(linker_stack_top - word) * 4;
}

}  // namespace ferry::virt
