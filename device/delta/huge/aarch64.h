// AArch64 instructions whose operand is an address, or a part of one (Arm ARM, C6.2), and their operands.
#pragma once

#include <cstdint>

namespace ferry::delta::huge {

enum class Form : std::uint8_t {
  kOther,
  kBranch26,  // B, BL
  kBranch19,  // B.cond, CBZ, CBNZ, LDR of a literal
  kBranch14,  // TBZ, TBNZ
  kPage,      // ADRP
  kPlace,     // ADR
};

[[nodiscard]] constexpr Form form_of(std::uint32_t word) {
  if ((word & 0x7C000000U) == 0x14000000U) {
    return Form::kBranch26;
  }
  if ((word & 0x1F000000U) == 0x10000000U) {
    return (word >> 31U) != 0 ? Form::kPage : Form::kPlace;
  }
  if ((word & 0xFF000010U) == 0x54000000U || (word & 0x7E000000U) == 0x34000000U ||
      (word & 0x3B000000U) == 0x18000000U) {
    return Form::kBranch19;
  }
  return (word & 0x7E000000U) == 0x36000000U ? Form::kBranch14 : Form::kOther;
}

// The address that the instruction at `at` names: of kPage that of a page. Arithmetic is modulo 2^32.
[[nodiscard]] std::uint32_t target_of(Form form, std::uint32_t word, std::uint32_t at);
// The same instruction at `at`, for another target; bits of it that have no room are lost.
[[nodiscard]] std::uint32_t with_target(Form form, std::uint32_t word, std::uint32_t at, std::uint32_t target);

// Turns the distance of kBranch26 by `by` bytes, that of kPage by so many pages; other words stay as they are. No bit
// is lost: turned back, it is the same word.
[[nodiscard]] std::uint32_t turned(Form form, std::uint32_t word, std::uint32_t by);

[[nodiscard]] constexpr std::uint32_t page_of(std::uint32_t address) {
  return address & ~std::uint32_t{0xFFF};
}
[[nodiscard]] constexpr std::uint32_t destination(std::uint32_t word) {
  return word & 31U;
}
[[nodiscard]] constexpr std::uint32_t base_register(std::uint32_t word) {
  return word >> 5U & 31U;
}

// ADD (immediate), or a load or store with an unsigned offset: what may follow ADRP with the place in the page.
[[nodiscard]] constexpr bool has_offset(std::uint32_t word) {
  return (word & 0x7FC00000U) == 0x11000000U || (word & 0x3B000000U) == 0x39000000U;
}
// In bytes.
[[nodiscard]] std::uint32_t offset_of(std::uint32_t word);
[[nodiscard]] std::uint32_t with_offset(std::uint32_t word, std::uint32_t offset);

}  // namespace ferry::delta::huge
