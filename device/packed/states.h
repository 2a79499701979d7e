// Where bits came one after the other in a context, in a byte: about how many zeros and ones, and, while they are few,
// which came last. What a state says about the next bit is counted apart from it (Tables::maps), so that contexts
// learn from each other. Part of the format.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace ferry::packed {

class States {
 public:
  static constexpr std::size_t kCount = 256;

  constexpr States() {
    const Numbers numbers = number_all();
    for (int zeros = 0; zeros < kMost; ++zeros) {
      for (int ones = 0; ones < kMost; ++ones) {
        for (int last = 0; last < kinds({zeros, ones}); ++last) {
          enter({zeros, ones}, at(numbers, {zeros, ones}, last), numbers);
        }
      }
    }
  }
  [[nodiscard]] constexpr std::uint8_t next(std::uint8_t state, bool bit) const { return next_[state][bit ? 1 : 0]; }
  // How probable a 1 is in a state before anything is known, in 1/65536.
  [[nodiscard]] constexpr std::uint16_t first(std::size_t state) const { return first_[state]; }

 private:
  static constexpr int kMost = 50;
  struct Counts {
    int zeros;
    int ones;
  };
  using Numbers = std::array<std::array<std::array<std::uint8_t, 2>, kMost>, kMost>;

  [[nodiscard]] static constexpr std::uint8_t at(const Numbers& numbers, Counts counts, int last) {
    return numbers[static_cast<std::size_t>(counts.zeros)][static_cast<std::size_t>(counts.ones)]
                  [static_cast<std::size_t>(last)];
  }
  // How many states have such counts: none, one, or one for each last bit.
  [[nodiscard]] static constexpr int kinds(Counts counts) {
    constexpr std::array<int, 6> kMostOfOther = {20, 48, 15, 8, 6, 5};  // by the lesser count
    const auto [lesser, greater] = std::minmax({counts.zeros, counts.ones});
    if (lesser >= static_cast<int>(kMostOfOther.size()) || greater > kMostOfOther[static_cast<std::size_t>(lesser)]) {
      return 0;
    }
    return lesser > 0 && lesser + greater <= 17 ? 2 : 1;
  }
  // What remains of a count after the other bit came.
  [[nodiscard]] static constexpr int less(int count) { return count >= 8 ? 7 : count >= 6 ? count - 1 : count; }
  [[nodiscard]] static constexpr Counts after(Counts counts, bool bit) {
    if (counts.zeros < counts.ones) {
      const Counts other = after({counts.ones, counts.zeros}, !bit);
      return {other.ones, other.zeros};
    }
    Counts next = bit ? Counts{less(counts.zeros), counts.ones + 1} : Counts{counts.zeros + 1, less(counts.ones)};
    while (kinds(next) == 0) {
      next = next.ones < 2 ? Counts{next.zeros - 1, next.ones}
                           : Counts{(next.zeros * (next.ones - 1) + next.ones / 2) / next.ones, next.ones - 1};
    }
    return next;
  }
  [[nodiscard]] static constexpr Numbers number_all() {
    Numbers numbers{};
    int next = 0;
    for (int sum = 0; sum < kMost; ++sum) {
      for (int ones = 0; ones <= sum; ++ones) {
        const int count = kinds({sum - ones, ones});
        if (count > 0) {
          numbers[static_cast<std::size_t>(sum - ones)][static_cast<std::size_t>(ones)] = {
              static_cast<std::uint8_t>(next), static_cast<std::uint8_t>(next + count - 1)};
          next += count;
        }
      }
    }
    return numbers;
  }
  constexpr void enter(Counts counts, std::uint8_t state, const Numbers& numbers) {
    next_[state] = {at(numbers, after(counts, false), 0), at(numbers, after(counts, true), 1)};
    first_[state] = static_cast<std::uint16_t>((counts.ones * 2 + 1) * 32768 / (counts.zeros + counts.ones + 1));
  }

  std::array<std::array<std::uint8_t, 2>, kCount> next_{};
  std::array<std::uint16_t, kCount> first_{};
};

inline constexpr States kStates;

}  // namespace ferry::packed
