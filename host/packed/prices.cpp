#include "host/packed/prices.h"

#include <bit>

namespace ferry::host::packed {
namespace {

constexpr std::uint32_t kSteps = 4096;  // of probabilities

// log2(value) in 1/256, of 1 to 2^31 - 1: by squaring, a bit of the fraction at a time.
constexpr Price logarithm(std::uint32_t value) {
  const auto whole = static_cast<std::uint32_t>(std::bit_width(value)) - 1;
  std::uint64_t mantissa = static_cast<std::uint64_t>(value) << (30 - whole);  // 1 to 2, of 2^30
  Price log = whole;
  for (int i = 0; i < 8; ++i) {
    mantissa = mantissa * mantissa >> 30U;
    const bool one = mantissa >= std::uint64_t{1} << 31U;
    mantissa >>= one ? 1U : 0U;
    log = log * 2 + (one ? 1 : 0);
  }
  return log;
}

constexpr std::array<Price, kSteps> kPrices = [] {
  std::array<Price, kSteps> prices{};
  for (std::uint32_t i = 0; i < kSteps; ++i) {
    prices[i] = 16 * kBit - logarithm(i * 16 + 8);
  }
  return prices;
}();

}  // namespace

Price PriceCoder::price_of(std::uint32_t probability) {
  return kPrices[probability / 16];
}

Price PriceCoder::log2(std::uint32_t value) {
  return logarithm(value);
}

}  // namespace ferry::host::packed
