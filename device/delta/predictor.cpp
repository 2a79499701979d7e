#include "device/delta/predictor.h"

#include <algorithm>

#include "device/coding/hash.h"

namespace ferry::delta {
namespace {

constexpr std::uint32_t kUnknown = 0x80000000;  // a bucket's shift
constexpr std::uint32_t kBeyond = 4096;         // places so far past the image are taken for places in it
constexpr std::uint32_t kRam = 0x20000000;      // where Cortex-M parts have their RAM
constexpr std::uint32_t kRamEnd = 0x20080000;
constexpr std::uint32_t kSmallestAddress =
    256;  // lower values are numbers; in an image at address 0, lower than kSmallestAddressAtZero
constexpr std::uint32_t kSmallestAddressAtZero = 4096;

std::uint16_t cache_tag(std::uint32_t address) {  // never 0
  return static_cast<std::uint16_t>(coding::hash(address) >> 16U | 1U);
}
std::size_t bucket_of(std::uint32_t address) {
  return address >> 5U & (kBuckets - 1);
}

}  // namespace

Predictor::Predictor(const Tables& tables, Mode mode, Bases bases, std::uint32_t old_size)
    : tables_(tables), mode_(mode), bases_(bases), old_size_(old_size) {
  std::ranges::fill(tables_.cache_tags, std::uint16_t{0});
  std::ranges::fill(tables_.buckets, kUnknown);
}

std::optional<Block> Predictor::next_block(std::uint32_t at) const {
  std::optional<Block> next;
  for (const PackedBlock& packed : map_) {
    const Block block = packed.get();
    if (block.new_start >= at && (!next || block.new_start < next->new_start)) {
      next = block;
    }
  }
  return next;
}

Guess Predictor::guess(const Word& word, std::uint32_t at, std::uint32_t from) const {
  if (mode_ == Mode::kPlain || ((at | from) & 1U) != 0) {
    return {};
  }
  if (is_branch(word)) {
    const std::uint32_t target = from + 4 + static_cast<std::uint32_t>(branch_distance(word));
    const Moved moved = moved_inside(target);
    return {kind_of(Operand::kBranch, moved.source), Operand::kBranch, target,
            with_distance(word, static_cast<std::int32_t>(moved.to - at - 4))};
  }
  return ((at | from) & 3U) == 0 ? guess_value(load_le32(word)) : Guess{};
}

Guess Predictor::guess_value(std::uint32_t value) const {
  Guess guess;
  const std::uint32_t inside = value - bases_.old_image;
  if (inside < old_size_ + kBeyond && value >= (bases_.old_image == 0 ? kSmallestAddressAtZero : kSmallestAddress)) {
    const Moved moved = moved_inside(inside & ~1U);
    guess = {kind_of(Operand::kInside, moved.source), Operand::kInside, inside & ~1U, {}};
    store_le32(guess.word, bases_.new_image + moved.to + (inside & 1U));
  } else if (value >= kRam && value < kRamEnd) {
    const Moved moved = moved_outside(value);
    guess = {kind_of(Operand::kOutside, moved.source), Operand::kOutside, value, {}};
    store_le32(guess.word, moved.to);
  }
  return guess;
}

std::size_t Predictor::cache_slot(std::uint32_t address) const {
  return coding::hash(address) & (tables_.cache_tags.size() - 1);
}

Predictor::Moved Predictor::moved_inside(std::uint32_t target) const {
  if (const std::size_t slot = cache_slot(target); tables_.cache_tags[slot] == cache_tag(target)) {
    return {Source::kKnown, target + tables_.cache_shifts[slot]};
  }
  if (target >= old_size_ || map_.empty()) {
    return {Source::kNear, target + (target >= old_size_ ? beyond_shift_ : 0)};
  }
  auto next = std::ranges::upper_bound(map_, target, {}, &PackedBlock::old_start);
  if (next != map_.begin()) {
    const Block block = (next - 1)->get();
    if (target - block.old_start < block.length) {
      return {Source::kMapped, target + (block.new_start - block.old_start)};
    }
  }
  if (next == map_.end()) {
    --next;
  }
  const Block near = next->get();
  return {Source::kNear, target + (near.new_start - near.old_start)};
}

Predictor::Moved Predictor::moved_outside(std::uint32_t address) const {
  if (const std::size_t slot = cache_slot(address); tables_.cache_tags[slot] == cache_tag(address)) {
    return {Source::kKnown, address + tables_.cache_shifts[slot]};
  }
  const std::uint32_t shift = tables_.buckets[bucket_of(address)];
  return shift == kUnknown ? Moved{Source::kNear, address + outside_shift_} : Moved{Source::kMapped, address + shift};
}

void Predictor::learn(const Guess& guess, const Word& word, std::uint32_t at) {
  std::uint32_t to = load_le32(word);
  if (guess.operand == Operand::kBranch) {
    if (!is_branch(word)) {
      return;
    }
    to = at + 4 + static_cast<std::uint32_t>(branch_distance(word));
  } else if (guess.operand == Operand::kInside) {
    to = (to - bases_.new_image) & ~1U;
  }
  const std::uint32_t shift = to - guess.address;
  const std::size_t slot = cache_slot(guess.address);
  tables_.cache_tags[slot] = cache_tag(guess.address);
  tables_.cache_shifts[slot] = shift;
  if (guess.operand == Operand::kOutside) {
    tables_.buckets[bucket_of(guess.address)] = shift;
    outside_shift_ = shift;
  } else if (guess.address >= old_size_) {
    beyond_shift_ = shift;
  }
}

}  // namespace ferry::delta
