#include "device/delta/pointers.h"

namespace ferry::delta {
namespace {

constexpr std::uint32_t kBeyond = 4096;     // places so far past the image are taken for places in it
constexpr std::uint32_t kRam = 0x20000000;  // where Cortex-M parts have their RAM
constexpr std::uint32_t kRamEnd = 0x20080000;
constexpr std::uint32_t kSmallestAddress =
    256;  // lower values are numbers; in an image at address 0, lower than kSmallestAddressAtZero
constexpr std::uint32_t kSmallestAddressAtZero = 4096;

}  // namespace

Step Pointers::find(std::uint32_t value) const {
  const std::uint32_t inside = value - bases_.old_image;
  if (inside < old_size_ + kBeyond && value >= (bases_.old_image == 0 ? kSmallestAddressAtZero : kSmallestAddress)) {
    return {.size = 4, .operand = Operand::kInside, .address = inside & ~1U};
  }
  if (value >= kRam && value < kRamEnd) {
    return {.size = 4, .operand = Operand::kOutside, .address = value};
  }
  return {};
}

Word Pointers::moved(const Word& old, const Step& step, std::uint32_t to) const {
  Word word{};
  const std::uint32_t mark = (load_le32(old) - bases_.old_image) & 1U;  // of Thumb code
  store_le32(word, step.operand == Operand::kInside ? bases_.new_image + to + mark : to);
  return word;
}

std::uint32_t Pointers::target(const Word& word, const Step& step) const {
  const std::uint32_t value = load_le32(word);
  return step.operand == Operand::kInside ? (value - bases_.new_image) & ~1U : value;
}

}  // namespace ferry::delta
