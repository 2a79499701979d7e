// Words that hold an address: one in the image, or one in RAM.
#pragma once

#include "device/delta/instructions.h"

namespace ferry::delta {

class Pointers {
 public:
  Pointers(const Bases& bases, std::uint32_t old_size) : bases_(bases), old_size_(old_size) {}

  // A word of `value`: Operand::kNone where it is no address.
  [[nodiscard]] Step find(std::uint32_t value) const;
  // The word that stood for `old`, with its operand moved to `to`.
  [[nodiscard]] Word moved(const Word& old, const Step& step, std::uint32_t to) const;
  // The operand of a word that came in its place.
  [[nodiscard]] std::uint32_t target(const Word& word, const Step& step) const;

 private:
  Bases bases_;
  std::uint32_t old_size_;
};

}  // namespace ferry::delta
