// Spreads a value over 32 bits. Part of the format: both sides must agree.
#pragma once

#include <cstdint>

namespace ferry::coding {

[[nodiscard]] constexpr std::uint32_t hash(std::uint32_t value) {
  value *= 0x9E3779B1U;
  value ^= value >> 15U;
  value *= 0x85EBCA77U;
  return value ^ value >> 13U;
}

}  // namespace ferry::coding
