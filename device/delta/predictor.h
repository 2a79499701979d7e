// Guesses what addresses of the old image become in the new one. A wrong guess costs bits, never correctness.
#pragma once

#include <optional>

#include "device/delta/instructions.h"
#include "device/delta/memory.h"

namespace ferry::delta {

struct Guess {
  Step step;
  std::uint8_t kind = 0;  // 0 where the step has no operand; else 1 to kKinds - 1, by operand and how it was guessed
  Word word{};            // what the new image has, by this guess
};

class Predictor {
 public:
  // `tables` and `instructions` must outlive the predictor.
  Predictor(const Tables& tables, Instructions& instructions, std::uint32_t old_size);

  // The map's first `size` blocks, in the order of the old image, are known.
  void set_map(std::size_t size) { map_ = tables_.map.first(size); }
  // The block of the map that begins at `at` of the new image, or as the first one after it.
  [[nodiscard]] std::optional<Block> next_block(std::uint32_t at) const;

  // The next step at `from` of `old`, as Instructions::step(), and what becomes of it.
  [[nodiscard]] Guess guess(Window& old, const Word& word, std::uint32_t at, std::uint32_t from,
                            std::uint32_t left) const;
  // `word`: what a step with an operand came to be, at `at`.
  void learn(const Step& step, const Word& word, std::uint32_t at);

 private:
  enum class Source : std::uint8_t { kKnown = 1, kMapped = 2, kNear = 3 };
  struct Moved {
    Source source;
    std::uint32_t to;
  };

  [[nodiscard]] static std::uint8_t kind_of(Operand operand, Source source) {
    return static_cast<std::uint8_t>((static_cast<unsigned>(operand) - 1) * 3 + static_cast<unsigned>(source));
  }
  [[nodiscard]] Moved moved_inside(std::uint32_t target) const;
  [[nodiscard]] Moved moved_outside(std::uint32_t address) const;
  [[nodiscard]] std::size_t cache_slot(std::uint32_t address) const;

  const Tables& tables_;
  Instructions& instructions_;
  std::uint32_t old_size_;
  std::span<const PackedBlock> map_;
  std::uint32_t beyond_shift_ = 0;  // of the last place past the image
  std::uint32_t outside_shift_ = 0;
};

}  // namespace ferry::delta
