#include "device/delta/huge/aarch64.h"

namespace ferry::delta::huge {
namespace {

constexpr std::uint32_t kPageBits = 12;

// The `bits` of `word` from `lowest` on, as a signed number.
constexpr std::uint32_t field(std::uint32_t word, unsigned lowest, unsigned bits) {
  const auto top = static_cast<std::int32_t>(word << (32 - lowest - bits));
  return static_cast<std::uint32_t>(top >> (32 - bits));
}
constexpr std::uint32_t with_field(std::uint32_t word, unsigned lowest, unsigned bits, std::uint32_t value) {
  const std::uint32_t mask = ((1U << bits) - 1) << lowest;
  return (word & ~mask) | (value << lowest & mask);
}
constexpr std::uint32_t immediate21(std::uint32_t word) {
  return field(word, 5, 19) << 2U | (word >> 29U & 3U);
}
constexpr std::uint32_t with_immediate21(std::uint32_t word, std::uint32_t value) {
  return with_field(with_field(word, 5, 19, value >> 2U), 29, 2, value);
}
// How a load's or store's offset is scaled; ADD's is not.
constexpr std::uint32_t scale_of(std::uint32_t word) {
  if ((word & 0x3B000000U) != 0x39000000U) {
    return 0;
  }
  const bool is_vector128 = (word & 0x04800000U) == 0x04800000U && word >> 30U == 0;
  return is_vector128 ? 4 : word >> 30U;
}

}  // namespace

std::uint32_t target_of(Form form, std::uint32_t word, std::uint32_t at) {
  switch (form) {
    case Form::kBranch26:
      return at + (field(word, 0, 26) << 2U);
    case Form::kBranch19:
      return at + (field(word, 5, 19) << 2U);
    case Form::kBranch14:
      return at + (field(word, 5, 14) << 2U);
    case Form::kPage:
      return page_of(at) + (immediate21(word) << kPageBits);
    case Form::kPlace:
      return at + immediate21(word);
    default:
      return at;
  }
}

std::uint32_t with_target(Form form, std::uint32_t word, std::uint32_t at, std::uint32_t target) {
  const std::uint32_t distance = target - at;
  switch (form) {
    case Form::kBranch26:
      return with_field(word, 0, 26, distance >> 2U);
    case Form::kBranch19:
      return with_field(word, 5, 19, distance >> 2U);
    case Form::kBranch14:
      return with_field(word, 5, 14, distance >> 2U);
    case Form::kPage:
      return with_immediate21(
          word, static_cast<std::uint32_t>(static_cast<std::int32_t>(page_of(target) - page_of(at)) >> kPageBits));
    case Form::kPlace:
      return with_immediate21(word, distance);
    default:
      return word;
  }
}

std::uint32_t turned(Form form, std::uint32_t word, std::uint32_t by) {
  if (form == Form::kBranch26) {
    return with_field(word, 0, 26, word + (by >> 2U));
  }
  return form == Form::kPage ? with_immediate21(word, immediate21(word) + by) : word;
}

std::uint32_t offset_of(std::uint32_t word) {
  return (word >> 10U & 0xFFFU) << scale_of(word);
}

std::uint32_t with_offset(std::uint32_t word, std::uint32_t offset) {
  return with_field(word, 10, 12, offset >> scale_of(word));
}

}  // namespace ferry::delta::huge
