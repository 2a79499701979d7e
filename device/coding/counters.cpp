#include "device/coding/counters.h"

#include <algorithm>

namespace ferry::coding {
namespace {

constexpr std::uint16_t kEven = 0x8000;
constexpr std::uint32_t kOldest = 15;
// 1 / (age + 1.5) in 1/65536; the last ones reach further, so that an old estimate is a mean of about 30.
constexpr std::array<std::uint16_t, kOldest + 1> kFastRates = {43690, 26214, 18724, 14563, 11915, 10082, 8738, 7710,
                                                               6898,  6241,  5698,  5041,  4096,  3277,  2621, 2080};
constexpr std::uint32_t kSteadiest = 250;
// Probabilities stay this far from 0 and 1.
constexpr std::int32_t kMargin = 16;

}  // namespace

void FastCounters::clear() {
  std::fill(state_.begin(), state_.end(), kEven);
}

void FastCounters::update(std::size_t index, bool bit) {
  const std::uint32_t state = state_[index];
  const std::uint32_t age = state & 0xFU;
  const auto p = static_cast<std::int32_t>(state >> 4U);
  const std::int32_t target = bit ? 4095 : 0;
  const std::int32_t moved = p + (((target - p) * static_cast<std::int32_t>(kFastRates[age]) + 32768) >> 16);
  state_[index] = static_cast<std::uint16_t>(static_cast<std::uint32_t>(moved) << 4U | std::min(age + 1, kOldest));
}

void SteadyCounters::clear() {
  std::fill(probabilities_.begin(), probabilities_.end(), kEven);
  std::fill(ages_.begin(), ages_.end(), std::uint8_t{0});
}

void SteadyCounters::update(std::size_t index, bool bit) {
  const std::uint32_t age = ages_[index];
  const std::int32_t p = probabilities_[index];
  const std::int32_t target = bit ? 65536 - kMargin : kMargin;
  probabilities_[index] = static_cast<std::uint16_t>(p + (target - p) * 2 / static_cast<std::int32_t>(2 * age + 3));
  ages_[index] = static_cast<std::uint8_t>(std::min(age + 1, kSteadiest));
}

}  // namespace ferry::coding
