#include <algorithm>

#include "device/delta/thumb2.h"
#include "host/delta/normalise.h"

namespace ferry::host::delta::thumb2 {
namespace {

using ferry::delta::branch_distance;
using ferry::delta::is_branch;
using ferry::delta::with_distance;
using ferry::delta::Word;

constexpr std::uint32_t kRam = 0x20000000;
constexpr std::uint32_t kRamEnd = 0x20080000;
constexpr std::uint32_t kBeyond = 65536;

Word word_at(ByteView bytes, std::size_t at) {
  Word word{};
  std::ranges::copy(bytes.subspan(at, 4), word.begin());
  return word;
}
void put(Bytes& bytes, std::size_t at, const Word& word) {
  std::ranges::copy(word, bytes.begin() + static_cast<std::ptrdiff_t>(at));
}
Word of(std::uint32_t value) {
  Word word{};
  store_le32(word, value);
  return word;
}

Word masked(const Word& branch) {
  return {0x00, 0xF0, 0x00, static_cast<std::uint8_t>(branch[3] & 0xD0U)};
}

bool is_small_number(std::uint32_t value, std::uint32_t base) {
  return value < 256 || (base == 0 && value < 0x1000);
}

// Calls `change(at, word)` for each branch; it answers with what to put there.
template <class Change>
void change_branches(ByteView image, Bytes& out, Change change) {
  for (std::size_t at = 0; at + 4 <= image.size(); at += 2) {
    if (const Word word = word_at(image, at); is_branch(word)) {
      put(out, at, change(at, word));
      at += 2;
    }
  }
}

}  // namespace

Bytes mask_addresses(const Image& whole) {
  const ByteView image = whole.bytes;
  const std::uint32_t base = whole.base;
  Bytes out(image.begin(), image.end());
  change_branches(image, out, [](std::size_t, const Word& word) { return masked(word); });
  for (std::size_t at = 0; at + 4 <= image.size(); at += 4) {
    const std::uint32_t value = load_le32(image.subspan(at, 4));
    const std::uint32_t inside = value - base;
    if (inside < image.size() + kBeyond && !is_small_number(value, base)) {
      put(out, at, {0x55, 0xAA, 0x55, image[at + 3]});
    } else if (value >= kRam && value < kRamEnd) {
      put(out, at, {0xAA, 0x55, 0x20, image[at + 3]});
    }
  }
  return out;
}

Bytes with_targets(const Image& whole, const std::vector<Block>* map) {
  const ByteView image = whole.bytes;
  const std::uint32_t base = whole.base;
  Bytes out(image.begin(), image.end());
  change_branches(image, out, [&](std::size_t at, const Word& word) {
    const std::uint32_t target = static_cast<std::uint32_t>(at) + 4 + static_cast<std::uint32_t>(branch_distance(word));
    const auto moved = target < image.size() ? mapped(target, map) : target;
    return moved ? with_distance(word, static_cast<std::int32_t>(*moved)) : masked(word);
  });
  for (std::size_t at = 0; at + 4 <= image.size(); at += 4) {
    const std::uint32_t value = load_le32(image.subspan(at, 4));
    const std::uint32_t inside = value - base;
    if (inside < image.size() && !is_small_number(value, base)) {
      const auto moved = mapped(inside & ~1U, map);
      put(out, at, moved ? of(0x40000000U + *moved + (inside & 1U)) : Word{0x55, 0xAA, 0x55, image[at + 3]});
    }
  }
  return out;
}

Image guess(ByteView image) {
  std::vector<std::uint32_t> targets;
  for (std::size_t at = 0; at + 4 <= image.size(); at += 4) {
    if (const std::uint32_t value = load_le32(image.subspan(at, 4)); (value & 1U) != 0 && value > 256) {
      targets.push_back(value - 1);
    }
  }
  std::uint32_t best = 0;
  std::size_t best_score = 0;
  const auto try_base = [&](std::uint32_t base) {
    const auto score = static_cast<std::size_t>(std::ranges::count_if(targets, [&](std::uint32_t target) {
      const std::uint32_t inside = target - base;
      if (inside + 2 > image.size() || inside + 2 < 2) {
        return false;
      }
      const std::uint16_t half = load_le16(image.subspan(inside, 2));
      return (half & 0xFF00U) == 0xB500U || half == 0xE92DU;  // PUSH {..., LR}
    }));
    if (score > best_score) {
      best_score = score;
      best = base;
    }
  };
  struct Range {
    std::uint32_t first;
    std::uint32_t end;
    std::uint32_t step;
  };
  for (const Range range :
       {Range{0, 0x400000, 0x400}, Range{0x8000000, 0x8200000, 0x400}, Range{0x200, 0x40000, 0x100}}) {
    for (std::uint32_t base = range.first; base < range.end; base += range.step) {
      try_base(base);
    }
  }
  // An image that begins with a vector table may run anywhere: at 256 bytes' multiples up to its reset handler.
  if (image.size() >= 8 && load_le32(image) >> 29U <= 1 && (load_le32(image.subspan(4)) & 1U) != 0) {
    const std::uint32_t reset = load_le32(image.subspan(4)) - 1;
    for (std::uint32_t base = reset & ~0xFFU; reset - base < image.size() && base >= 0x100; base -= 0x100) {
      try_base(base);
    }
  }
  return {.bytes = image, .base = best};
}

}  // namespace ferry::host::delta::thumb2
