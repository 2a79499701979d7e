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
  Pointers pointers_;
};

}  // namespace ferry::delta
