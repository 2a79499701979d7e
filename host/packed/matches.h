// Where each place's bytes have been before.
#pragma once

#include <vector>

#include "host/bytes.h"

namespace ferry::host::packed {

struct Match {
  std::uint32_t length;
  std::uint32_t distance;
};

inline constexpr std::uint32_t kLongestMatch = 16384;
inline constexpr std::uint32_t kLongMatch = 256;  // good enough to look no further

// How many bytes at `at` are those `distance` in front, at most kLongestMatch.
[[nodiscard]] std::uint32_t common(ByteView bytes, std::uint32_t at, std::uint32_t distance);

// For each place, by length: of each length the nearest one and some others, longer ones only. All of them in one
// vector; those of place i are [starts[i], starts[i + 1]).
struct Matches {
  std::vector<Match> all;
  std::vector<std::uint32_t> starts;
};
[[nodiscard]] Matches find_matches(ByteView bytes);

}  // namespace ferry::host::packed
