// What a set of instructions knows of the code in an image: where an address stands, and how another one is put in its
// place. Each set is a mode of the format, in a file of its own; a build has those that its decoder names.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "device/delta/window.h"

namespace ferry::delta {

enum class Mode : std::uint8_t {
  kPlain = 0,
  kThumb2 = 1,
  kXtensa = 2,
  kRiscV = 3,
  kAArch64 = 4
};  // what the images hold
inline constexpr Mode kLastMode = Mode::kAArch64;

struct Bases {  // addresses at which the images run
  std::uint32_t old_image = 0;
  std::uint32_t new_image = 0;
};

using Word = std::array<std::uint8_t, 4>;

enum class Operand : std::uint8_t { kNone, kBranch, kInside, kOutside };  // an address: of code, in the image, in RAM

// What is copied next as a whole.
struct Step {
  enum Part : std::uint8_t { kWhole, kUpper, kLower };

  std::uint8_t size = 1;  // bytes of the old image, 1 to 4
  Operand operand = Operand::kNone;
  std::uint8_t variant = 0;   // of kBranch, 0 or 1: instructions of different habits
  std::uint32_t address = 0;  // the operand: a place in the old image, or for kOutside an address
  std::uint8_t shape = 0;     // of what has no operand, 1 to 3: an instruction, by how long it is
  Part part = kWhole;         // of the address, that an instruction holds
  bool doubtful = false;      // it looks like an address, and may be code
};

// What a literal byte is likely to be, by its place: two contexts, a narrow one and a wide one.
struct LiteralPlace {
  std::uint8_t narrow = 0;
  std::uint8_t wide = 0;
};

// A set may keep what it has seen: each step is asked for once.
class Instructions {
 public:
  // The step at `from` of `old`, where `word` stands, of which a copy is to stand at `at` of the new image. It has
  // `left` bytes at most, 1 or more.
  [[nodiscard]] virtual Step step(Window& old, const Word& word, std::uint32_t at, std::uint32_t from,
                                  std::uint32_t left) = 0;
  // `word` of such a step at `at` of the new image, with the operand `to`: a place in the new image, or an address.
  [[nodiscard]] virtual Word moved(const Word& word, const Step& step, std::uint32_t to, std::uint32_t at) const = 0;
  // The operand of what came to stand at `at`; nothing where it is another instruction, or not known by itself.
  [[nodiscard]] virtual std::optional<std::uint32_t> target(const Word& word, const Step& step, std::uint32_t at) = 0;

  // Of the next literal, at `at` of the new image, where `recent` has the four bytes before it, the last one lowest.
  [[nodiscard]] virtual LiteralPlace literal_place(std::uint32_t at, std::uint32_t /*recent*/) {
    return {.narrow = static_cast<std::uint8_t>(at & 1U), .wide = static_cast<std::uint8_t>(at & 3U)};
  }

 protected:
  ~Instructions() = default;  // never deleted through it
  // A step without an operand: two bytes where both images have an even place.
  [[nodiscard]] static Step plain(std::uint32_t at, std::uint32_t from, std::uint32_t left) {
    return {.size = static_cast<std::uint8_t>(left >= 2 && ((at | from) & 1U) == 0 ? 2 : 1)};
  }
};

// No operands: the plain mode.
class Plain final : public Instructions {
 public:
  [[nodiscard]] Step step(Window& old, const Word& word, std::uint32_t at, std::uint32_t from,
                          std::uint32_t left) override;
  [[nodiscard]] Word moved(const Word& word, const Step& step, std::uint32_t to, std::uint32_t at) const override;
  [[nodiscard]] std::optional<std::uint32_t> target(const Word& word, const Step& step, std::uint32_t at) override;
};

}  // namespace ferry::delta
