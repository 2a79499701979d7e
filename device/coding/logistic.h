// Probability and its log odds, in integers: the same on every machine.
#pragma once

#include <cstdint>

namespace ferry::coding {

// ln(p / (1 - p)) in 1/256, for a probability in 1/65536 from 1 to 65535.
[[nodiscard]] std::int32_t stretch(std::uint32_t probability);
// The probability in 1/65536, 0 to 65535, of log odds in 1/256; they count up to 12 in either direction.
[[nodiscard]] std::uint32_t squash(std::int32_t log_odds);

}  // namespace ferry::coding
