#include "host/packed/matches.h"

#include <algorithm>

#include "device/coding/hash.h"

namespace ferry::host::packed {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;
constexpr unsigned kHashBits = 18;
constexpr std::uint32_t kOthers = 4;  // of the same length, which may be the likelier ones
constexpr std::uint32_t kShortMatch = 32;
constexpr std::uint32_t kMostTries = 3000;
constexpr std::uint64_t kMostWork = 3'000'000'000;  // tries for a whole image

// Chains of places whose next three bytes have one hash.
class Finder {
 public:
  explicit Finder(ByteView bytes)
      : bytes_(bytes),
        tries_(static_cast<std::uint32_t>(std::clamp<std::uint64_t>(kMostWork / (bytes.size() + 1), 16, kMostTries))),
        pairs_(65536, kNone),
        triples_(std::size_t{1} << kHashBits, kNone),
        before_(bytes.size(), kNone) {}

  void add(std::uint32_t at, std::vector<Match>& out) {
    if (bytes_.size() - at < 2) {
      return;
    }
    const std::uint32_t pair = bytes_[at] | static_cast<std::uint32_t>(bytes_[at + 1]) << 8U;
    std::uint32_t best = 1;
    if (at >= covered_) {
      try_place(pairs_[pair], at, best, out);
    }
    pairs_[pair] = at;
    if (bytes_.size() - at < 3) {
      return;
    }
    std::uint32_t& head =
        triples_[coding::hash(pair | static_cast<std::uint32_t>(bytes_[at + 2]) << 16U) >> (32 - kHashBits)];
    std::uint32_t place = head;
    for (std::uint32_t tries = 0; at >= covered_ && place != kNone && tries < tries_ && best < kLongMatch; ++tries) {
      try_place(place, at, best, out);
      place = before_[place];
    }
    before_[at] = head;
    head = at;
    if (best >= kLongMatch) {
      covered_ = at + best;  // what is inside of a long match needs none of its own
    }
  }

 private:
  void try_place(std::uint32_t place, std::uint32_t at, std::uint32_t& best, std::vector<Match>& out) {
    if (place == kNone) {
      return;
    }
    const bool is_longer = at + best >= bytes_.size() || bytes_[place + best] == bytes_[at + best];
    if (!is_longer && (others_ == 0 || best > kShortMatch)) {
      return;
    }
    const std::uint32_t length = common(bytes_, at, at - place);
    if (length > best) {
      best = length;
      others_ = kOthers;
      out.push_back({length, at - place});
    } else if (length == best && best > 1 && others_ > 0) {
      --others_;
      out.push_back({length, at - place});
    }
  }

  ByteView bytes_;
  std::uint32_t covered_ = 0;
  std::uint32_t others_ = 0;  // that are still wanted
  std::uint32_t tries_;
  std::vector<std::uint32_t> pairs_;
  std::vector<std::uint32_t> triples_;
  std::vector<std::uint32_t> before_;
};

}  // namespace

std::uint32_t common(ByteView bytes, std::uint32_t at, std::uint32_t distance) {
  const auto most = static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size() - at, kLongestMatch));
  std::uint32_t length = 0;
  while (length < most && bytes[at + length] == bytes[at + length - distance]) {
    ++length;
  }
  return length;
}

Matches find_matches(ByteView bytes) {
  Matches found;
  Finder finder(bytes);
  found.starts.reserve(bytes.size() + 1);
  for (std::uint32_t at = 0; at < bytes.size(); ++at) {
    found.starts.push_back(static_cast<std::uint32_t>(found.all.size()));
    finder.add(at, found.all);
  }
  found.starts.push_back(static_cast<std::uint32_t>(found.all.size()));
  return found;
}

}  // namespace ferry::host::packed
