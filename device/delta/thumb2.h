// The code of Cortex-M: Thumb-2, whose BL and B.W hold a distance from the instruction (Armv7-M ARM, A7.7.12 and
// A7.7.18).
#pragma once

#include "device/delta/pointers.h"

namespace ferry::delta {

// True for BL and for B.W of encoding T4; Cortex-M has no BLX with an immediate.
[[nodiscard]] bool is_branch(const Word& word);
// Distance from the instruction's address + 4 to its target.
[[nodiscard]] std::int32_t branch_distance(const Word& word);
// The same instruction with another distance (even, within 16 MiB).
[[nodiscard]] Word with_distance(const Word& word, std::int32_t distance);

class Thumb2 final : public Instructions {
 public:
  static constexpr Mode kMode = Mode::kThumb2;
  Thumb2(const Bases& bases, std::uint32_t old_size) : pointers_(bases, old_size) {}

  [[nodiscard]] Step step(Window& old, const Word& word, std::uint32_t at, std::uint32_t from,
                          std::uint32_t left) override;
  [[nodiscard]] Word moved(const Word& word, const Step& step, std::uint32_t to, std::uint32_t at) const override;
  [[nodiscard]] std::optional<std::uint32_t> target(const Word& word, const Step& step, std::uint32_t at) override;

 private:
  // Words of the old image, by their number, that instructions before them read or take the address of; the next 256.
  [[nodiscard]] static std::uint32_t bit_of(std::uint32_t index) { return 1U << index % 32; }
  [[nodiscard]] std::uint32_t& names_of(std::uint32_t index) { return names_[index / 32 % names_.size()]; }
  [[nodiscard]] bool named(std::uint32_t index) { return (names_of(index) & bit_of(index)) != 0; }

  Pointers pointers_;
  std::array<std::uint32_t, 8> names_{};
  std::uint32_t last_branch_ = 1U << 31U;  // in the old image; far from everything where there was none
};

}  // namespace ferry::delta
