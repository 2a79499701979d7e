#include "host/delta/huge/plan.h"

#include <algorithm>

#include "host/delta/huge/anchors.h"

namespace ferry::host::delta::huge {
namespace {

using ferry::delta::huge::StoredPiece;

// Images that are larger together are compared as they are: what moved costs more, but no copies of them are in memory.
constexpr std::size_t kMostCompared = std::size_t{512} << 20U;
constexpr std::uint32_t kVerbatim = 1024;  // as many bytes that are the same are worth a piece

std::vector<delta::Piece> match(ByteView old, ByteView fresh, std::uint32_t least_gain) {
  const Anchors anchors(old, fresh);
  return Matcher<Anchors>(old, fresh, least_gain, anchors).run();
}

std::vector<StoredPiece> stored(const std::vector<delta::Piece>& pieces) {
  std::vector<StoredPiece> result;
  std::uint32_t at = 0;
  for (const auto& piece : pieces) {
    at += piece.literals;
    result.push_back({at, piece.old_start, piece.length});
    at += piece.length;
  }
  return result;
}

std::vector<delta::Piece> match_masked(ByteView old, ByteView fresh, const PlanOptions& options) {
  const std::uint32_t upper = options.bases.upper_half;
  return match(mask_addresses(old, options.bases.old_image, upper),
               mask_addresses(fresh, options.bases.new_image, upper), options.least_gain);
}

std::vector<delta::Piece> match_moved(ByteView old, ByteView fresh, const PlanOptions& options,
                                      const std::vector<delta::Piece>& pieces) {
  const std::uint32_t upper = options.bases.upper_half;
  const std::vector<StoredPiece> blocks = stored(pieces);
  std::vector<std::uint32_t> order(blocks.size());
  AddressMap map(order);
  map.set(blocks);
  return match(with_targets(old, options.bases.old_image, upper, &map),
               with_targets(fresh, options.bases.new_image, upper, nullptr), options.least_gain);
}

// Whether most of the words are instructions, by their major groups (Arm ARM, C4.1).
bool looks_like_code(ByteView bytes) {
  std::size_t count = 0;
  std::size_t likely = 0;
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4, ++count) {
    const std::uint32_t group = load_le32(bytes.subspan(i)) >> 25U & 0xFU;
    likely += group >= 4 ? 1 : 0;
  }
  return count > 0 && likely * 10 >= count * 9;
}

class Refiner {
 public:
  Refiner(ByteView old, ByteView fresh, bool is_code) : old_(old), fresh_(fresh), is_code_(is_code) {}

  std::vector<Piece> run(const std::vector<delta::Piece>& pieces) {
    for (const auto& piece : pieces) {
      Piece next{.literals = piece.literals};
      if (is_code_ && next.literals > 0) {
        const std::uint32_t skipped = (4 - at_ % 4) % 4;
        next.words = next.literals > skipped && looks_like_code(fresh_.subspan(at_ + skipped, next.literals - skipped));
      }
      at_ += piece.literals;
      split(next, piece.old_start, piece.length);
    }
    return std::move(pieces_);
  }

 private:
  // Long runs of bytes that stay as they are become pieces of their own.
  void split(Piece next, std::uint32_t old_start, std::uint32_t length) {
    std::uint32_t done = 0;
    while (done < length) {
      std::uint32_t other = done;
      std::uint32_t run = 0;
      std::uint32_t i = done;
      for (; i < length && run < kVerbatim; ++i) {
        run = old_[old_start + i] == fresh_[at_ + i] ? run + 1 : 0;
        other = run == 0 ? i + 1 : other;
      }
      if (run < kVerbatim) {
        put(next, old_start + done, length - done, at_ + done, false);
        done = length;
        break;
      }
      const std::uint32_t aligned = std::min(i, (other + 3) & ~3U);
      if (aligned > done) {
        put(next, old_start + done, aligned - done, at_ + done, false);
        next = {};
      }
      while (i < length && old_[old_start + i] == fresh_[at_ + i]) {
        ++i;
      }
      put(next, old_start + aligned, i - aligned, at_ + aligned, true);
      next = {};
      done = i;
    }
    if (length == 0) {
      put(next, 0, 0, 0, false);
    }
    at_ += length;
  }

  void put(Piece piece, std::uint32_t old_start, std::uint32_t length, std::uint32_t fresh_start, bool verbatim) {
    piece.old_start = old_start;
    piece.length = length;
    piece.verbatim = verbatim;
    piece.phase = verbatim ? std::uint8_t{0} : phase_of(old_start, fresh_start, length);
    if (piece.literals + piece.length > 0) {
      pieces_.push_back(piece);
    }
  }

  // What differs, differs in the fewest words where these are the right ones.
  [[nodiscard]] std::uint8_t phase_of(std::uint32_t old_start, std::uint32_t fresh_start, std::uint32_t length) const {
    std::array<std::uint32_t, 4> counts{};
    std::array<std::uint32_t, 4> last{};
    last.fill(UINT32_MAX);
    for (std::uint32_t i = 0; i < length; ++i) {
      if (old_[old_start + i] == fresh_[fresh_start + i]) {
        continue;
      }
      for (std::uint32_t phase = 0; phase < 4; ++phase) {
        const std::uint32_t word = (old_start + i - phase + 4) / 4;
        counts[phase] += word != last[phase] ? 1 : 0;
        last[phase] = word;
      }
    }
    const auto best = std::ranges::min_element(counts);
    return *best * 10 < counts[0] * 9 ? static_cast<std::uint8_t>(best - counts.begin()) : std::uint8_t{0};
  }

  ByteView old_;
  ByteView fresh_;
  bool is_code_;
  std::vector<Piece> pieces_;
  std::uint32_t at_ = 0;
};

}  // namespace

std::vector<Piece> cut(ByteView old, ByteView fresh, const PlanOptions& options) {
  const bool compared_as_code = options.is_code && old.size() + fresh.size() <= kMostCompared;
  const auto total = static_cast<std::size_t>(compared_as_code ? options.rounds : 1);
  std::vector<delta::Piece> pieces;
  for (std::size_t round = 0; round < total; ++round) {
    pieces = !compared_as_code ? match(old, fresh, options.least_gain)
             : round == 0      ? match_masked(old, fresh, options)
                               : match_moved(old, fresh, options, pieces);
    if (options.progress) {
      options.progress(round + 1, total);
    }
  }
  return Refiner(old, fresh, options.is_code).run(pieces);
}

}  // namespace ferry::host::delta::huge
