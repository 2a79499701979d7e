#include "host/delta/match.h"

#include <cstring>
#include <divsufsort.h>

#include "host/failure.h"

namespace ferry::host::delta {
namespace {

using Position = std::int64_t;

class Matcher {
 public:
  Matcher(ByteView old, ByteView fresh, std::uint32_t least_gain)
      : old_(old), fresh_(fresh), least_gain_(least_gain), suffixes_(old.size()) {
    if (!old.empty() && divsufsort(old.data(), suffixes_.data(), static_cast<saidx_t>(old.size())) != 0) {
      throw Failure("not enough memory to sort {} bytes", old.size());
    }
  }

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
  struct Found {
    Position old = 0;
    Position length = 0;
  };

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
      match_ = longest(scan_);
      for (; counted < scan_ + match_.length; ++counted) {
        agreed_ += agrees(counted, shift_) ? 1 : 0;
      }
      if ((match_.length == agreed_ && match_.length != 0) || match_.length > agreed_ + least_gain_) {
        return;
      }
      agreed_ -= agrees(scan_, shift_) ? 1 : 0;
    }
  }

  [[nodiscard]] Position common(Position old, Position fresh) const {
    Position length = 0;
    while (old + length < old_end() && fresh + length < end() &&
           old_[static_cast<std::size_t>(old + length)] == fresh_[static_cast<std::size_t>(fresh + length)]) {
      ++length;
    }
    return length;
  }

  [[nodiscard]] Found longest(Position fresh) const {
    if (suffixes_.empty()) {
      return {};
    }
    const ByteView wanted = fresh_.subspan(static_cast<std::size_t>(fresh));
    std::size_t low = 0;
    std::size_t high = suffixes_.size() - 1;
    while (high - low >= 2) {
      const std::size_t middle = low + (high - low) / 2;
      const ByteView suffix = old_.subspan(static_cast<std::size_t>(suffixes_[middle]));
      const bool before = std::memcmp(suffix.data(), wanted.data(), std::min(suffix.size(), wanted.size())) < 0;
      (before ? low : high) = middle;
    }
    const Found a{suffixes_[low], common(suffixes_[low], fresh)};
    const Found b{suffixes_[high], common(suffixes_[high], fresh)};
    return a.length > b.length ? a : b;
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
  std::vector<saidx_t> suffixes_;
  std::vector<Piece> pieces_;
  Found match_;
  Position scan_ = 0;
  Position agreed_ = 0;         // bytes of the match on which the copy before agrees too
  Position begin_ = 0;          // of the copy before, in the new image
  Position old_begin_ = 0;      // and in the old one
  Position shift_ = 0;          // of the copy before
  std::uint32_t literals_ = 0;  // before it
};

}  // namespace

std::vector<Piece> match(ByteView old, ByteView fresh, std::uint32_t least_gain) {
  return Matcher(old, fresh, least_gain).run();
}

}  // namespace ferry::host::delta
