#include "host/delta/normalise.h"

#include <algorithm>

namespace ferry::host::delta {
namespace {

using ferry::delta::Instructions;
using ferry::delta::Operand;
using ferry::delta::Step;
using ferry::delta::Window;
using ferry::delta::Word;

constexpr std::uint32_t kPlace = 0x60000000;  // marks a word that holds a place

Word word_of(std::uint32_t value) {
  Word word{};
  store_le32(word, value);
  return word;
}

// The rest of what holds the operand tells code from code.
bool in_instruction(const Step& step) {
  return step.operand == Operand::kBranch || step.part != Step::kWhole;
}

// Calls `change(word, step)` for each step with an operand; it answers with what to put there.
template <class Change>
Bytes changed(Instructions& instructions, ByteView image, Change change) {
  Bytes out(image.begin(), image.end());
  Window window(image);
  for (std::uint32_t at = 0; at < image.size();) {
    const Word word = window.four(at);
    const Step step = instructions.step(window, word, at, at, static_cast<std::uint32_t>(image.size()) - at);
    if (step.operand != Operand::kNone) {
      const Word made = change(word, step);
      std::copy_n(made.begin(), step.size, out.begin() + at);
    }
    at += step.size;
  }
  return out;
}

}  // namespace

std::optional<std::uint32_t> mapped(std::uint32_t target, const std::vector<Block>* map) {
  if (map == nullptr) {
    return target;
  }
  const auto next = std::ranges::upper_bound(*map, target, {}, &Block::old_start);
  if (next == map->begin()) {
    return std::nullopt;
  }
  const Block& block = *(next - 1);
  if (target - block.old_start >= block.length) {
    return std::nullopt;
  }
  return target - block.old_start + block.new_start;
}

Bytes mask_operands(Instructions& instructions, ByteView image) {
  return changed(instructions, image, [&](const Word& word, const Step& step) {
    return in_instruction(step)               ? instructions.moved(word, step, 0, 0)
           : step.operand == Operand::kInside ? Word{0x55, 0xAA, 0x55, word[3]}
                                              : Word{0xAA, 0x55, 0x20, word[3]};
  });
}

Bytes with_places(Instructions& instructions, ByteView image, const std::vector<Block>* map) {
  return changed(instructions, image, [&](const Word& word, const Step& step) {
    if (step.operand == Operand::kOutside) {
      return word;
    }
    const auto to = step.address < image.size() ? mapped(step.address, map) : step.address;
    if (in_instruction(step)) {
      return instructions.moved(word, step, to.value_or(0), 0);
    }
    return to ? word_of(kPlace + *to) : Word{0x55, 0xAA, 0x55, word[3]};
  });
}

}  // namespace ferry::host::delta
