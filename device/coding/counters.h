// Adaptive estimates of a bit's probability.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace ferry::coding {

// Estimates in two bytes each, quick to adapt: for the bits of bytes. 12 bits of probability, 4 of age.
class FastCounters {
 public:
  explicit FastCounters(std::span<std::uint16_t> state) : state_(state) {}
  void clear();
  [[nodiscard]] std::uint32_t probability(std::size_t index) const { return (state_[index] | 0xFU) + 8U; }
  void update(std::size_t index, bool bit);

 private:
  std::span<std::uint16_t> state_;
};

// Estimates in three bytes each, steady: for decisions that mostly go one way.
class SteadyCounters {
 public:
  SteadyCounters(std::span<std::uint16_t> probabilities, std::span<std::uint8_t> ages)
      : probabilities_(probabilities), ages_(ages) {}
  void clear();
  [[nodiscard]] std::uint32_t probability(std::size_t index) const { return probabilities_[index]; }
  void update(std::size_t index, bool bit);

 private:
  std::span<std::uint16_t> probabilities_;
  std::span<std::uint8_t> ages_;
};

}  // namespace ferry::coding
