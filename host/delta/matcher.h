// Cuts a new image into copies of an old one and literals, whatever finds the copies (bsdiff, Percival 2003).
#pragma once

#include <vector>

#include "device/delta/codec.h"
#include "host/bytes.h"

namespace ferry::host::delta {

using ferry::delta::Piece;
using Position = std::int64_t;

// `length` bytes at `old` are those of the new image.
struct Found {
  Position old = 0;
  Position length = 0;
};

// How many bytes the two images have in common from there on.
[[nodiscard]] inline Position common(ByteView old, Position old_at, ByteView fresh, Position fresh_at) {
  Position length = 0;
  while (old_at + length < static_cast<Position>(old.size()) &&
         fresh_at + length < static_cast<Position>(fresh.size()) &&
         old[static_cast<std::size_t>(old_at + length)] == fresh[static_cast<std::size_t>(fresh_at + length)]) {
    ++length;
  }
  return length;
}

// Finder: `Found longest(Position fresh, Position shift) const`, the longest match of what is at `fresh`; the copy
// before has that `shift`.
template <class Finder>
class Matcher {
 public:
  // `least_gain` as in match().
  Matcher(ByteView old, ByteView fresh, std::uint32_t least_gain, const Finder& finder)
      : old_(old), fresh_(fresh), least_gain_(least_gain), finder_(finder) {}

  std::vector<Piece> run() {
    while (scan_ < end()) {
      find_next_match();
      if (match_.length != agreed_ || scan_ == end()) {
        close_copy();
      }
    }
    if (literals_ > 0) {
      pieces_.push_back({literals_, 0, 0});
    }
    return std::move(pieces_);
  }

 private:
  [[nodiscard]] Position end() const { return static_cast<Position>(fresh_.size()); }
  [[nodiscard]] Position old_end() const { return static_cast<Position>(old_.size()); }
  [[nodiscard]] bool agrees(Position fresh, Position shift) const {
    const Position old = fresh + shift;
    return old >= 0 && old < old_end() &&
           old_[static_cast<std::size_t>(old)] == fresh_[static_cast<std::size_t>(fresh)];
  }

  // Goes on to where another part of the old image matches better than the copy before would if it went on.
  void find_next_match() {
    Position counted = scan_ += match_.length;
    agreed_ = 0;
    for (; scan_ < end(); ++scan_) {
      match_ = finder_.longest(scan_, shift_);
      for (; counted < scan_ + match_.length; ++counted) {
        agreed_ += agrees(counted, shift_) ? 1 : 0;
      }
      if ((match_.length == agreed_ && match_.length != 0) || match_.length > agreed_ + least_gain_) {
        return;
      }
      agreed_ -= agrees(scan_, shift_) ? 1 : 0;
    }
  }

  // Between the last copy and the next one: how far each reaches into the gap.
  void close_copy() {
    Position forward = reach_forward();
    Position backward = scan_ < end() ? reach_backward() : 0;
    if (const Position overlap = (begin_ + forward) - (scan_ - backward); overlap > 0) {
      const Position keep = best_split(forward, backward, overlap);
      forward += keep - overlap;
      backward -= keep;
    }
    if (forward > 0) {
      pieces_.push_back({literals_, static_cast<std::uint32_t>(old_begin_), static_cast<std::uint32_t>(forward)});
      literals_ = 0;
    }
    literals_ += static_cast<std::uint32_t>((scan_ - backward) - (begin_ + forward));
    old_begin_ = match_.old - backward;
    begin_ = scan_ - backward;
    shift_ = match_.old - scan_;
  }

  [[nodiscard]] Position reach_forward() const {
    Position best = 0;
    Position best_score = 0;
    Position same = 0;
    for (Position i = 0; begin_ + i < scan_ && old_begin_ + i < old_end();) {
      same += agrees(begin_ + i, old_begin_ - begin_) ? 1 : 0;
      ++i;
      if (same * 2 - i > best_score) {
        best_score = same * 2 - i;
        best = i;
      }
    }
    return best;
  }

  [[nodiscard]] Position reach_backward() const {
    Position best = 0;
    Position best_score = 0;
    Position same = 0;
    for (Position i = 1; scan_ >= begin_ + i && match_.old >= i; ++i) {
      same += agrees(scan_ - i, match_.old - scan_) ? 1 : 0;
      if (same * 2 - i > best_score) {
        best_score = same * 2 - i;
        best = i;
      }
    }
    return best;
  }

  // Where both reach the same bytes: how many of them the first one keeps.
  [[nodiscard]] Position best_split(Position forward, Position backward, Position overlap) const {
    Position keep = 0;
    Position score = 0;
    Position best = 0;
    for (Position i = 0; i < overlap; ++i) {
      score += agrees(begin_ + forward - overlap + i, old_begin_ - begin_) ? 1 : 0;
      score -= agrees(scan_ - backward + i, match_.old - scan_) ? 1 : 0;
      if (score > best) {
        best = score;
        keep = i + 1;
      }
    }
    return keep;
  }

  ByteView old_;
  ByteView fresh_;
  Position least_gain_;
  const Finder& finder_;
  std::vector<Piece> pieces_;
  Found match_;
  Position scan_ = 0;
  Position agreed_ = 0;         // bytes of the match on which the copy before agrees too
  Position begin_ = 0;          // of the copy before, in the new image
  Position old_begin_ = 0;      // and in the old one
  Position shift_ = 0;          // of the copy before
  std::uint32_t literals_ = 0;  // before it
};

}  // namespace ferry::host::delta
