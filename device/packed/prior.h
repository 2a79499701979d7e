// What code for Cortex-M looks like before anything of an image is known: how likely each bit of a halfword's bytes is
// by the byte in front. It takes flash in place of RAM. Part of the format.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "device/packed/place.h"

namespace ferry::packed {

inline constexpr std::size_t kPriorTables = 4;  // upper bytes of first halfwords, lower ones; those of second halfwords
inline constexpr std::size_t kPriorRowCount = 112;
// Of each context of each table its row, a byte each, and of each row 256 steps in 4 bits each: the lowest ones first.
extern const std::array<std::uint64_t, kPriorTables * 256 / 8> kPriorRows;
extern const std::array<std::uint64_t, kPriorRowCount * 256 / 16> kPriorSteps;

class Prior {
 public:
  Prior() = default;  // of bytes that it knows nothing about
  // `context`: for the upper byte of a halfword that of the halfword in front, for the lower byte the upper one.
  Prior(HalfKind kind, bool lower, std::uint32_t context) {
    if (kind == HalfKind::kFirst || kind == HalfKind::kSecond) {
      const std::size_t index = (static_cast<std::size_t>(kind) * 2 + (lower ? 1 : 0)) * 256 + (context & 0xFFU);
      row_ = static_cast<std::size_t>(kPriorRows[index / 8] >> (index % 8 * 8) & 0xFFU);
    }
  }
  [[nodiscard]] bool knows() const { return row_ < kPriorRowCount; }
  // Of a 1, in 1/256, behind the bits `prefix`, which a 1 precedes.
  [[nodiscard]] std::int32_t log_odds(std::uint32_t prefix) const {
    if (!knows()) {
      return 0;
    }
    return kLogOdds[kPriorSteps[row_ * 16 + (prefix & 0xFFU) / 16] >> (prefix % 16 * 4) & 0xFU];
  }

 private:
  static constexpr std::array<std::int16_t, 16> kLogOdds = {-1536, -1075, -768, -538, -358, -205, -90,  0,
                                                            90,    205,   358,  538,  768,  1075, 1536, 0};
  std::size_t row_ = kPriorRowCount;
};

}  // namespace ferry::packed
