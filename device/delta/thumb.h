// Thumb-2 instructions whose operand is a distance from the instruction: BL and B.W (Armv7-M ARM, A7.7.12 and A7.7.18).
#pragma once

#include <array>

#include "device/base/bytes.h"

namespace ferry::delta {

using Word = std::array<std::uint8_t, 4>;

// True for BL and for B.W of encoding T4; Cortex-M has no BLX with an immediate.
[[nodiscard]] bool is_branch(const Word& word);
// Distance from the instruction's address + 4 to its target.
[[nodiscard]] std::int32_t branch_distance(const Word& word);
// The same instruction with another distance (even, within 16 MiB).
[[nodiscard]] Word with_distance(const Word& word, std::int32_t distance);

}  // namespace ferry::delta
