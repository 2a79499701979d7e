#include "device/coding/logistic.h"

#include <algorithm>
#include <array>
#include <bit>

namespace ferry::coding {
namespace {

// log2(1 + i/32) in 1/4096.
constexpr std::array<std::uint16_t, 33> kLog2 = {
    0,    182,  358,  530,  696,  858,  1016, 1169, 1319, 1465, 1607, 1746, 1882, 2015, 2145, 2272, 2396,
    2518, 2637, 2754, 2869, 2982, 3092, 3200, 3307, 3412, 3514, 3615, 3715, 3812, 3908, 4003, 4096,
};
// 65536 / (1 + e^-x) for x from -12 to 12 in steps of 1/8.
constexpr std::array<std::uint16_t, 193> kLogistic = {
    0,     0,     1,     1,     1,     1,     1,     1,     1,     1,     1,     2,     2,     2,     2,
    3,     3,     3,     4,     4,     5,     6,     6,     7,     8,     9,     10,    12,    13,    15,
    17,    19,    22,    25,    28,    32,    36,    41,    47,    53,    60,    68,    77,    87,    98,
    111,   126,   143,   162,   184,   208,   236,   267,   302,   342,   387,   439,   497,   562,   636,
    720,   815,   922,   1042,  1179,  1333,  1506,  1701,  1921,  2168,  2446,  2758,  3108,  3500,  3938,
    4427,  4971,  5577,  6249,  6992,  7812,  8714,  9702,  10782, 11955, 13226, 14595, 16062, 17625, 19282,
    21025, 22849, 24743, 26695, 28693, 30723, 32768, 34813, 36843, 38841, 40793, 42687, 44511, 46254, 47911,
    49474, 50941, 52310, 53581, 54754, 55834, 56822, 57724, 58544, 59287, 59959, 60565, 61109, 61598, 62036,
    62428, 62778, 63090, 63368, 63615, 63835, 64030, 64203, 64357, 64494, 64614, 64721, 64816, 64900, 64974,
    65039, 65097, 65149, 65194, 65234, 65269, 65300, 65328, 65352, 65374, 65393, 65410, 65425, 65438, 65449,
    65459, 65468, 65476, 65483, 65489, 65495, 65500, 65504, 65508, 65511, 65514, 65517, 65519, 65521, 65523,
    65524, 65526, 65527, 65528, 65529, 65530, 65530, 65531, 65532, 65532, 65533, 65533, 65533, 65534, 65534,
    65534, 65534, 65535, 65535, 65535, 65535, 65535, 65535, 65535, 65535, 65535, 65535, 65535,
};

constexpr std::int32_t kLimit = 12 * 256;

// log2(value) in 1/4096; value is 1 to 2^20.
constexpr std::int32_t log2(std::uint32_t value) {
  const int exponent = std::bit_width(value) - 1;
  const std::uint32_t mantissa = value << (20 - exponent) & 0xFFFFFU;
  const std::uint32_t index = mantissa >> 15U;
  const std::uint32_t low = kLog2[index];
  const std::uint32_t step = index < 32 ? kLog2[index + 1] - low : 0U;
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(exponent) << 12U) + low +
                                   (step * (mantissa & 0x7FFFU) >> 15U));
}

// stretch() of the lesser probabilities, sixteen for each power of two: of (16 + m) / 16 * 2^e at 16 * e + m.
constexpr std::array<std::int16_t, 16 * 15 + 2> kStretch = [] {
  constexpr std::int32_t kNaturalLog = 2839;  // ln(2) / 4096 * 256 * 65536
  std::array<std::int16_t, 16 * 15 + 2> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    const std::uint32_t sixteenths = (16 + i % 16) << (i / 16);
    table[i] =
        static_cast<std::int16_t>(((log2(sixteenths) - log2((1U << 20U) - sixteenths)) * kNaturalLog + 32768) >> 16);
  }
  return table;
}();

}  // namespace

std::int32_t stretch(std::uint32_t probability) {
  const bool is_lesser = probability <= 32768;
  const std::uint32_t lesser = is_lesser ? probability : 65536 - probability;
  const int exponent = std::bit_width(lesser) - 1;
  const std::uint32_t mantissa = lesser << (16 - exponent) & 0xFFFFU;
  const std::size_t index = static_cast<std::size_t>(exponent) * 16 + (mantissa >> 12U);
  const std::int32_t low = kStretch[index];
  const std::int32_t step = kStretch[index + 1] - low;
  const std::int32_t value = low + (step * static_cast<std::int32_t>(mantissa & 0xFFFU) >> 12);
  return is_lesser ? value : -value;
}

std::uint32_t squash(std::int32_t log_odds) {
  const std::int32_t x = std::clamp(log_odds, -kLimit, kLimit - 1) + kLimit;
  const auto index = static_cast<std::uint32_t>(x) >> 5U;
  const std::uint32_t low = kLogistic[index];
  return low + ((kLogistic[index + 1] - low) * (static_cast<std::uint32_t>(x) & 31U) >> 5U);
}

}  // namespace ferry::coding
