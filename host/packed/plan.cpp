#include "host/packed/plan.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace ferry::host::packed {
namespace {

using ferry::packed::Distances;
using ferry::packed::newest_first;
using ferry::packed::Sought;

// The cheapest way to a place, and its last unit.
struct Node {
  Price price = std::numeric_limits<Price>::max();
  Unit unit;
  Distances distances{1, 1, 1, 1};
};

constexpr std::array<Price, 4> kRepeatPrices = {1 * kBit, 2 * kBit, 3 * kBit, 3 * kBit};
constexpr Price kMatchPrice = kBit * 7 / 10;

// Of a long match not every shorter length is tried.
constexpr bool is_tried(std::uint32_t length, std::uint32_t longest) {
  return longest <= 64 || length <= 20 || length + 4 >= longest;
}

class Planner {
 public:
  Planner(ByteView bytes, const Matches& matches, const std::vector<std::uint8_t>& half_sizes, const Prices& prices)
      : bytes_(bytes),
        sources_(prices.sources),
        matches_(matches),
        half_sizes_(half_sizes),
        prices_(prices),
        nodes_(bytes.size() + 1) {
    nodes_[0].price = 0;
  }

  std::vector<Unit> plan() {
    for (std::uint32_t at = 0; at < bytes_.size(); ++at) {
      const Price here = nodes_[at].price;
      reach(at, {.kind = UnitKind::kByte}, here + prices_.byte[at]);
      if (at % 2 == 0 && bytes_.size() - at >= 2) {
        reach(at, {.kind = UnitKind::kHalf, .length = half_sizes_[at / 2]}, here + prices_.half[at]);
      }
      const std::uint32_t longest = std::max(repeats(at), matches(at));
      at += longest >= kLongMatch ? longest - 1 : 0;  // nothing inside would be better
    }
    std::vector<Unit> units;
    for (std::size_t at = bytes_.size(); at > 0; at -= nodes_[at].unit.length) {
      units.push_back(nodes_[at].unit);
    }
    std::ranges::reverse(units);
    return units;
  }

 private:
  void reach(std::uint32_t from, const Unit& unit, Price price) {
    Node& node = nodes_[from + unit.length];
    if (price >= node.price) {
      return;
    }
    const bool is_match = unit.kind == UnitKind::kMatch || unit.kind == UnitKind::kRepeat;
    const Distances& before = nodes_[from].distances;
    const Distances distances = is_match ? newest_first(before, unit) : before;
    node = {.price = price, .unit = unit, .distances = distances};
  }

  // Both answer the longest length.
  std::uint32_t repeats(std::uint32_t at) {
    const Distances distances = nodes_[at].distances;
    const Price start = nodes_[at].price + prices_.match[at];
    std::uint32_t best = 0;
    for (std::size_t i = 0; i < distances.size(); ++i) {
      const auto repeat = static_cast<std::uint8_t>(i);
      const std::uint32_t longest = distances[repeat] > at ? 0 : common(bytes_, at, distances[repeat]);
      for (std::uint32_t length = 1; length <= longest; ++length) {
        if (is_tried(length, longest)) {
          const Unit unit{.kind = UnitKind::kRepeat, .repeat = repeat, .length = length, .distance = distances[repeat]};
          reach(at, unit, start + kRepeatPrices[repeat] + prices_.repeat_length[length]);
        }
      }
      best = std::max(best, longest);
    }
    return best;
  }

  std::uint32_t matches(std::uint32_t at) {
    const Price start = nodes_[at].price + prices_.match[at] + kMatchPrice;
    std::uint32_t length = 2;
    for (std::uint32_t i = matches_.starts[at]; i < matches_.starts[at + 1]; ++i) {
      const Match& match = matches_.all[i];
      const auto width = static_cast<std::uint32_t>(std::bit_width(match.distance)) - 1;
      length = std::min(length, match.length);
      for (Price source = this->source(at, length, match.distance); length <= match.length; ++length) {
        if (is_tried(length, match.length)) {
          const Unit unit{.kind = UnitKind::kMatch, .length = length, .distance = match.distance};
          const std::uint32_t row = std::min<std::uint32_t>(length, Prices::kRows - 1);
          reach(at, unit, start + prices_.match_length[length] + prices_.distance[row][width] + source);
        }
        source = length < std::min(match.length, Sought::kMostLength) ? this->source(at, length + 1, match.distance)
                                                                      : source;
      }
    }
    return length - 1;
  }

  // What it takes to tell the place from those around it, beyond a bit for each halving (modulo 2^32).
  Price source(std::uint32_t at, std::uint32_t length, std::uint32_t distance) {
    const Sought sought = Sought::of(at, length, distance);
    if (sought.count == 0) {
      return 0;
    }
    const ferry::packed::Sources sources(sources_, sought, [&](std::uint32_t place) { return bytes_[place]; });
    return PriceCoder::log2(sources.likely(0, sought.count)) -
           PriceCoder::log2(sources.likely(sought.index_of(distance))) - PriceCoder::log2(sought.count);
  }

  ByteView bytes_;
  std::array<std::int8_t, ferry::packed::kSourceWeights> sources_;
  const Matches& matches_;
  const std::vector<std::uint8_t>& half_sizes_;
  const Prices& prices_;
  std::vector<Node> nodes_;
};

}  // namespace

std::vector<Unit> plan(ByteView bytes, const Matches& matches, const std::vector<std::uint8_t>& half_sizes,
                       const Prices& prices) {
  return Planner(bytes, matches, half_sizes, prices).plan();
}

}  // namespace ferry::host::packed
