#include "host/delta/huge/anchors.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ferry::host::delta::huge {
namespace {

constexpr std::size_t kAnchor = 16;  // bytes
constexpr std::size_t kMostEntries = 1U << 26U;
constexpr int kMostTried = 24;    // entries of a slot
constexpr Position kNear = 1024;  // bytes around the copy before
constexpr Position kEnough = 16;  // with so many bytes in common the copy before goes on

std::uint64_t load(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

// As common(), eight bytes at a time.
Position common_bytes(ByteView old, Position old_at, ByteView fresh, Position fresh_at) {
  const auto most =
      std::min(static_cast<Position>(old.size()) - old_at, static_cast<Position>(fresh.size()) - fresh_at);
  Position length = 0;
  while (length + 8 <= most) {
    const std::uint64_t differing = load(old.data() + old_at + length) ^ load(fresh.data() + fresh_at + length);
    if (differing != 0) {
      return length + std::countr_zero(differing) / 8;
    }
    length += 8;
  }
  return length + common(old, old_at + length, fresh, fresh_at + length);
}

}  // namespace

Anchors::Anchors(ByteView old, ByteView fresh) : old_(old), fresh_(fresh), step_(4), slot_bits_(16) {
  while (old.size() / step_ > kMostEntries) {
    step_ *= 2;
  }
  const std::size_t count = old.size() < kAnchor ? 0 : (old.size() - kAnchor) / step_ + 1;
  slot_bits_ = std::clamp<unsigned>(static_cast<unsigned>(std::bit_width(count)), 16, 25);
  heads_.assign(std::size_t{1} << slot_bits_, 0);
  before_.assign(count + 1, 0);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t& head = heads_[slot_of(old.data() + i * step_)];
    before_[i + 1] = head;
    head = static_cast<std::uint32_t>(i + 1);
  }
}

std::uint32_t Anchors::slot_of(const std::uint8_t* bytes) const {
  const std::uint64_t mixed = load(bytes) * 0x9E3779B97F4A7C15U + load(bytes + 8) * 0xC2B2AE3D27D4EB4FU;
  return static_cast<std::uint32_t>((mixed ^ mixed >> 29U) * 0xBF58476D1CE4E5B9U >> (64U - slot_bits_));
}

void Anchors::try_place(Position old, Position fresh, Found& best) const {
  // One that is longer has this byte too.
  if (old + best.length >= static_cast<Position>(old_.size()) ||
      old_[static_cast<std::size_t>(old + best.length)] != fresh_[static_cast<std::size_t>(fresh + best.length)]) {
    return;
  }
  if (const Position length = common_bytes(old_, old, fresh_, fresh); length > best.length) {
    best = {old, length};
  }
}

Found Anchors::longest(Position fresh, Position shift) const {
  Found best;
  const Position left = static_cast<Position>(fresh_.size()) - fresh;
  const Position expected = fresh + shift;
  const auto old_end = static_cast<Position>(old_.size());
  if (expected >= 0 && expected < old_end) {
    best = {expected, common_bytes(old_, expected, fresh_, fresh)};
    if (best.length >= kEnough || best.length == left) {
      return best;
    }
  }
  if (left < 8) {
    return best;
  }
  const std::uint64_t wanted = load(fresh_.data() + fresh);
  const Position first = std::max<Position>(0, expected - kNear);
  const Position last = std::min(old_end - 8, expected + kNear);
  for (Position place = first + ((expected - first) & 3); place <= last; place += 4) {
    if (load(old_.data() + place) == wanted) {
      try_place(place, fresh, best);
    }
    if (best.length == left) {
      return best;
    }
  }
  if (left >= static_cast<Position>(kAnchor)) {
    int tried = 0;
    for (std::uint32_t entry = heads_[slot_of(fresh_.data() + fresh)];
         entry != 0 && tried < kMostTried && best.length < left; entry = before_[entry], ++tried) {
      try_place(static_cast<Position>((entry - 1) * step_), fresh, best);
    }
  }
  return best;
}

}  // namespace ferry::host::delta::huge
