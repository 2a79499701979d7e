#include "host/delta/match.h"

#include <cstring>
#include <divsufsort.h>

#include "host/delta/matcher.h"
#include "host/failure.h"

namespace ferry::host::delta {
namespace {

class SuffixArray {
 public:
  SuffixArray(ByteView old, ByteView fresh) : old_(old), fresh_(fresh), suffixes_(old.size()) {
    if (!old.empty() && divsufsort(old.data(), suffixes_.data(), static_cast<saidx_t>(old.size())) != 0) {
      throw Failure("not enough memory to sort {} bytes", old.size());
    }
  }

  [[nodiscard]] Found longest(Position fresh, Position /*shift*/) const {
    if (suffixes_.empty()) {
      return {};
    }
    const ByteView wanted = fresh_.subspan(static_cast<std::size_t>(fresh));
    std::size_t low = 0;
    std::size_t high = suffixes_.size() - 1;
    while (high - low >= 2) {
      const std::size_t middle = low + (high - low) / 2;
      const ByteView suffix = old_.subspan(static_cast<std::size_t>(suffixes_[middle]));
      const int order = std::memcmp(suffix.data(), wanted.data(), std::min(suffix.size(), wanted.size()));
      // What begins with the whole suffix sorts behind it; else little of a run that ends the image would match.
      const bool before = order < 0 || (order == 0 && suffix.size() < wanted.size());
      (before ? low : high) = middle;
    }
    const Found a{suffixes_[low], common(old_, suffixes_[low], fresh_, fresh)};
    const Found b{suffixes_[high], common(old_, suffixes_[high], fresh_, fresh)};
    return a.length > b.length ? a : b;
  }

 private:
  ByteView old_;
  ByteView fresh_;
  std::vector<saidx_t> suffixes_;
};

}  // namespace

std::vector<Piece> match(ByteView old, ByteView fresh, std::uint32_t least_gain) {
  const SuffixArray suffixes(old, fresh);
  return Matcher<SuffixArray>(old, fresh, least_gain, suffixes).run();
}

}  // namespace ferry::host::delta
