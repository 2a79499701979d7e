#include "device/delta/predictor.h"

#include <algorithm>

#include "device/delta/hash.h"

namespace ferry::delta {
namespace {

constexpr std::uint32_t kUnknown = 0x80000000;    // a bucket's shift
std::uint16_t cache_tag(std::uint32_t address) {  // never 0
  return static_cast<std::uint16_t>(hash(address) >> 16U | 1U);
}
std::size_t bucket_of(std::uint32_t address) {
  return address >> 5U & (kBuckets - 1);
}

}  // namespace

Predictor::Predictor(const Tables& tables, Instructions& instructions, std::uint32_t old_size)
    : tables_(tables), instructions_(instructions), old_size_(old_size) {
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

Guess Predictor::guess(Window& old, const Word& word, std::uint32_t at, std::uint32_t from, std::uint32_t left) const {
  Guess guess{.step = instructions_.step(old, word, at, from, left)};
  const Step& step = guess.step;
  if (step.operand != Operand::kNone) {
    const Moved moved = step.operand == Operand::kOutside ? moved_outside(step.address) : moved_inside(step.address);
    guess.kind = kind_of(step.operand, moved.source);
    guess.word = instructions_.moved(word, step, moved.to, at);
  }
  return guess;
}

std::size_t Predictor::cache_slot(std::uint32_t address) const {
  return hash(address) & (tables_.cache_tags.size() - 1);
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

void Predictor::learn(const Step& step, const Word& word, std::uint32_t at) {
  const auto to = instructions_.target(word, step, at);
  if (!to) {
    return;
  }
  const std::uint32_t shift = *to - step.address;
  const std::size_t slot = cache_slot(step.address);
  tables_.cache_tags[slot] = cache_tag(step.address);
  tables_.cache_shifts[slot] = shift;
  if (step.operand == Operand::kOutside) {
    tables_.buckets[bucket_of(step.address)] = shift;
    outside_shift_ = shift;
  } else if (step.address >= old_size_) {
    beyond_shift_ = shift;
  }
}

}  // namespace ferry::delta
