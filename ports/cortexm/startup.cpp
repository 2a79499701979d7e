#include "ports/cortexm/startup.h"

#include <cstring>

#include "ports/cortexm/system.h"

extern "C" {

extern std::uint32_t linker_data_source[], linker_data[], linker_data_end[], linker_bss[], linker_bss_end[];
extern std::uint32_t linker_stack[], linker_stack_top[];
extern std::uint32_t linker_retained[];
extern void (*linker_init[])();
extern void (*linker_init_end[])();

[[noreturn]] void reset_handler();

// For virtual functions and library functions that cannot be reached; the toolchain's own bring exception handling
// along.
[[noreturn]] void __cxa_pure_virtual() {
  fault_handler();
}
// Objects of static storage are never destroyed here.
void* __dso_handle = nullptr;
int __aeabi_atexit(void*, void (*)(void*), void*) {
  return 0;
}

}  // extern "C"

namespace std {

[[noreturn]] void __throw_out_of_range_fmt(const char*, ...) {
  fault_handler();
}

}  // namespace std

namespace ferry::cortexm {
namespace {

constexpr std::uint32_t kPaint = 0xA5A5A5A5;

}  // namespace

Retained& retained() {
  return *reinterpret_cast<Retained*>(linker_retained);
}

void jump_to(std::uint32_t address) {
  const auto* table = reinterpret_cast<const std::uint32_t*>(address);
  sys_tick().control = 0;
  disable_all_interrupts();
  vector_table_offset() = address;
  asm volatile("msr msp, %0\n bx %1" : : "r"(table[0]), "r"(table[1]));
  __builtin_unreachable();
}

std::uint32_t object_bytes() {
  return static_cast<std::uint32_t>((linker_data_end - linker_data) + (linker_bss_end - linker_bss)) * 4;
}

std::uint32_t stack_used() {
  const std::uint32_t* word = linker_stack;
  while (word < linker_stack_top && *word == kPaint) {
    ++word;
  }
  return static_cast<std::uint32_t>(linker_stack_top - word) * 4;
}

}  // namespace ferry::cortexm

extern "C" [[noreturn, gnu::used]] void reset_handler() {
  std::uint32_t* here = nullptr;
  asm volatile("mov %0, sp" : "=r"(here));
  for (volatile std::uint32_t* word = linker_stack; word < here; ++word) {
    *word = ferry::cortexm::kPaint;
  }
  const std::uint32_t* from = linker_data_source;
  for (volatile std::uint32_t* to = linker_data; to < linker_data_end; ++to) {
    *to = *from++;
  }
  for (volatile std::uint32_t* to = linker_bss; to < linker_bss_end; ++to) {
    *to = 0;
  }
  for (auto function = linker_init; function != linker_init_end; ++function) {
    (*function)();
  }
  run_program();
}

namespace {

struct VectorTable {
  std::uint32_t* stack;
  ferry::cortexm::Vector exceptions[15];
};

[[gnu::section(".vectors"), gnu::used]] const VectorTable kVectors = {
    .stack = linker_stack_top,
    .exceptions = {reset_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, nullptr,
                   nullptr, nullptr, nullptr, fault_handler, fault_handler, nullptr, fault_handler, sys_tick_handler},
};

}  // namespace
