// Guesses what addresses of the old image become in the new one. A wrong guess costs bits, never correctness.
#pragma once

#include <optional>

#include "device/delta/memory.h"
#include "device/delta/thumb.h"
#include "device/delta/window.h"

namespace ferry::delta {

enum class Mode : std::uint8_t { kPlain = 0, kThumb2 = 1 };  // what the images hold

struct Bases {  // addresses at which the images run
  std::uint32_t old_image = 0;
  std::uint32_t new_image = 0;
};

enum class Operand : std::uint8_t { kNone, kBranch, kInside, kOutside };  // an address: of code, in the image, in RAM

struct Guess {
  std::uint8_t kind = 0;  // 0: none; else 1 to kKinds - 1, by operand and by how the guess was made
  Operand operand = Operand::kNone;
  std::uint32_t address = 0;  // the old operand: a place in the image, or for kOutside an address
  Word word{};                // what the new image has, by this guess
};

class Predictor {
 public:
  // `tables` must outlive the predictor.
  Predictor(const Tables& tables, Mode mode, Bases bases, std::uint32_t old_size);

  // The map's first `size` blocks, in the order of the old image, are known.
  void set_map(std::size_t size) { map_ = tables_.map.first(size); }
  // The block of the map that begins at `at` of the new image, or as the first one after it.
  [[nodiscard]] std::optional<Block> next_block(std::uint32_t at) const;

  // `word`: the four bytes at `from` of the old image, of which a copy is to stand at `at` of the new one.
  [[nodiscard]] Guess guess(const Word& word, std::uint32_t at, std::uint32_t from) const;
  // `word`: what did stand there.
  void learn(const Guess& guess, const Word& word, std::uint32_t at);

 private:
  enum class Source : std::uint8_t { kKnown = 1, kMapped = 2, kNear = 3 };
  struct Moved {
    Source source;
    std::uint32_t to;
  };

  [[nodiscard]] Guess guess_value(std::uint32_t value) const;
  [[nodiscard]] static std::uint8_t kind_of(Operand operand, Source source) {
    return static_cast<std::uint8_t>((static_cast<unsigned>(operand) - 1) * 3 + static_cast<unsigned>(source));
  }
  [[nodiscard]] Moved moved_inside(std::uint32_t target) const;
  [[nodiscard]] Moved moved_outside(std::uint32_t address) const;
  [[nodiscard]] std::size_t cache_slot(std::uint32_t address) const;

  const Tables& tables_;
  Mode mode_;
  Bases bases_;
  std::uint32_t old_size_;
  std::span<const PackedBlock> map_;
  std::uint32_t beyond_shift_ = 0;  // of the last place past the image
  std::uint32_t outside_shift_ = 0;
};

}  // namespace ferry::delta
