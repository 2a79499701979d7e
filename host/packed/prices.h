// What units would cost, in 1/256 bit, by how they have been coded once. In integers: the choices that follow from them
// are the same on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "device/packed/codec.h"
#include "host/packed/matches.h"

namespace ferry::host::packed {

using Price = std::uint32_t;
inline constexpr Price kBit = 256;

// A coder that adds up what its decisions cost; the model learns nothing from them.
class PriceCoder {
 public:
  struct OnlyCounts {};
  [[nodiscard]] bool code(bool bit, std::uint32_t probability) {
    price_ += price_of(bit ? probability : 65536 - probability);
    return bit;
  }
  [[nodiscard]] Price take() { return std::exchange(price_, 0U); }
  [[nodiscard]] static Price price_of(std::uint32_t probability);  // 1 to 65535
  [[nodiscard]] static Price log2(std::uint32_t value);            // 1 or more

 private:
  Price price_ = 0;
};

struct Prices {
  static constexpr std::uint32_t kLengths = kLongestMatch + 1;
  static constexpr std::uint32_t kRows = 6;     // of distances, by the match's length
  static constexpr std::uint32_t kWidths = 24;  // and by their width in bits

  explicit Prices(std::size_t size) : byte(size, 7 * kBit), half(size, 12 * kBit), match(size, 2 * kBit) {}

  // For each place: a byte or halfword there, and that there is a match.
  std::vector<Price> byte;
  std::vector<Price> half;
  std::vector<Price> match;
  // Weights of what a match comes from; of `distance` below a number of places takes as many bits as they need.
  std::array<std::int8_t, ferry::packed::kSourceWeights> sources{};
  std::array<Price, kLengths> repeat_length{};
  std::array<Price, kLengths> match_length{};
  std::array<std::array<Price, kWidths>, kRows> distance{};
};

}  // namespace ferry::host::packed
