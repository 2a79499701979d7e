// How probable each decision of a patch for Linux is, from what both sides have seen. As device/delta/model.h, with
// room for more contexts; Coder is a BitDecoder or its counterpart.
#pragma once

#include <algorithm>
#include <bit>

#include "device/coding/hash.h"
#include "device/coding/logistic.h"
#include "device/delta/huge/memory.h"

namespace ferry::delta::huge {

using coding::hash;
using coding::squash;
using coding::stretch;

// Shares of the error, in 1/65536, by which an estimate moves at its age.
inline constexpr std::array<std::uint16_t, 16> kQuickRates = {32768, 21845, 16384, 13107, 10923, 9362, 8192, 7282,
                                                              6554,  5958,  5461,  5041,  4096,  3277, 2979, 2621};
inline constexpr std::array<std::uint16_t, 1024> kSteadyRates = [] {
  std::array<std::uint16_t, 1024> rates{};
  for (std::uint32_t age = 0; age < rates.size(); ++age) {
    rates[age] = static_cast<std::uint16_t>(65536 * 2 / (2 * age + 3));
  }
  return rates;
}();

// Estimates in two bytes: 12 bits of probability, 4 of age.
inline void update_quick(std::uint16_t& state, bool bit) {
  const std::uint32_t age = state & 0xFU;
  const auto p = static_cast<std::int32_t>(state >> 4U);
  const std::int32_t moved = p + ((((bit ? 4095 : 0) - p) * kQuickRates[age] + 32768) >> 16);
  state = static_cast<std::uint16_t>(static_cast<std::uint32_t>(moved) << 4U | std::min<std::uint32_t>(age + 1, 15U));
}

// In four bytes: 22 bits of probability, 10 of age.
inline void update_steady(std::uint32_t& state, bool bit, std::uint32_t limit) {
  const std::uint32_t age = state & 0x3FFU;
  const auto p = static_cast<std::int64_t>(state >> 10U);
  const std::int64_t moved = p + (((bit ? (1 << 22) - 1 : 0) - p) * kSteadyRates[age] >> 16);
  state = static_cast<std::uint32_t>(moved) << 10U | std::min(age + 1, limit);
}

enum class NumberKind : std::uint8_t { kSmall, kLiterals, kLength, kJump, kRun };

template <class Coder>
class Model {
 public:
  using Contexts = std::array<std::uint32_t, kInputs>;

  Model(Coder& coder, Memory& memory) : coder_(coder), memory_(memory) {
    memory_.bytes.fill(0x8000);
    memory_.flags.fill(kEven);
    memory_.match_states.fill(kEven);
    memory_.weights.fill((1 << 16) / 4);
    for (std::uint32_t p = 0; p < memory_.stretched.size(); ++p) {
      memory_.stretched[p] = static_cast<std::int16_t>(stretch(p * 16 + 8));
    }
    for (std::int32_t i = 0; i < 2 * kMostLogOdds; ++i) {
      memory_.squashed[static_cast<std::size_t>(i)] =
          static_cast<std::uint16_t>(std::clamp<std::uint32_t>(squash(i - kMostLogOdds), kLeast, 65536 - kLeast));
    }
  }

  // A decision by itself. `set`: which weights; below kFlagSets.
  [[nodiscard]] bool flag(bool bit, std::uint32_t set, const Contexts& contexts) {
    std::array<std::uint32_t*, kInputs> states;
    Inputs inputs;
    for (std::size_t i = 0; i < kInputs; ++i) {
      states[i] = &memory_.flags[hash(contexts[i] + (set << 4U) + static_cast<std::uint32_t>(i) * 0x2545F491U) >>
                                 (32U - kFlagBits)];
      inputs[i] = memory_.stretched[*states[i] >> 20U];
    }
    inputs[kInputs] = 256;
    const bool coded = mix(bit, inputs, set);
    for (std::uint32_t* state : states) {
      update_steady(*state, coded, 255);
    }
    return coded;
  }

  // One in a single context, which costs less time: for what is as good as certain.
  [[nodiscard]] bool quick_flag(bool bit, std::uint32_t context) {
    std::uint32_t& state = memory_.flags[hash(context + 0x7F4A7C15U) >> (32U - kFlagBits)];
    const bool coded = coder_.code(bit, std::clamp<std::uint32_t>(state >> 16U, kLeast, 65536 - kLeast));
    update_steady(state, coded, 1023);
    return coded;
  }

  // Has the memory of a byte's first bits brought near: for what may be asked for next.
  void expect_byte(std::uint32_t set, const Contexts& contexts) const {
    for (std::size_t i = 0; i < kInputs; ++i) {
      __builtin_prefetch(row_of(i, contexts[i], set, 0));
    }
  }

  // A byte in its contexts, from its highest bit on. `set`: below kByteSets. `expected`: what it may be, by how many
  // bytes were like that before, `length`; 0: nothing is expected.
  [[nodiscard]] std::uint8_t byte(std::uint8_t value, std::uint32_t set, const Contexts& contexts,
                                  std::uint8_t expected, std::uint32_t length) {
    std::array<std::uint16_t*, kInputs> rows{};
    std::uint32_t prefix = 1;
    std::uint32_t node = 1;
    for (int bit = 7; bit >= 0; --bit) {
      if (bit == 7 || bit == 3) {
        for (std::size_t i = 0; i < kInputs; ++i) {
          rows[i] = row_of(i, contexts[i], set, bit == 3 ? prefix : 0);
        }
        node = 1;
      }
      const bool likely = length > 0 && (expected | 0x100U) >> (bit + 1) == prefix;
      const bool one = byte_bit(
          (value >> bit & 1) != 0, rows, node,
          kFlagSets + set * kByteSetSize + (likely ? std::min<std::uint32_t>(std::bit_width(length), 3) : 0) * 8 +
              static_cast<std::uint32_t>(bit),
          likely ? std::min<std::uint32_t>(length, 63) * 2 + (expected >> bit & 1U) + set * 128 : 0);
      prefix = prefix * 2 + (one ? 1 : 0);
      node = node * 2 + (one ? 1 : 0);
    }
    return static_cast<std::uint8_t>(prefix);
  }

  // A number below 2^31: how many bits it has, one by one, then the bits below the highest. In the contexts of two
  // others.
  [[nodiscard]] std::uint32_t number(std::uint32_t value, NumberKind kind, std::uint32_t one, std::uint32_t other) {
    const auto width = static_cast<std::uint32_t>(std::bit_width(value));
    const std::uint32_t base = static_cast<std::uint32_t>(kind) << 16U;
    const std::uint32_t set = kNumberSet + static_cast<std::uint32_t>(kind) * 2;
    std::uint32_t bits = 0;
    while (bits < 31 && number_flag(bits < width, set, base | bits, one, other)) {
      ++bits;
    }
    std::uint32_t result = bits > 0 ? 1 : 0;
    for (std::uint32_t i = 1; i < bits; ++i) {
      const std::uint32_t place = bits - 1 - i;
      const bool bit = (value >> place & 1U) != 0;
      const std::uint32_t context = i <= 3 ? 0x4000U | bits << 4U | result : 0x8000U | bits << 5U | place;
      result = result * 2 + (number_flag(bit, set + 1, base | context, one, other) ? 1 : 0);
    }
    return result;
  }

  static constexpr std::uint32_t kNumberSet = 0;  // the sets that number() uses: 16
  static constexpr std::uint32_t kFirstFlagSet = 16;
  static constexpr std::uint32_t kFlagSets = 512;
  static constexpr std::uint32_t kByteSetSize = 32;
  static constexpr std::uint32_t kByteSets = (kMixers - kFlagSets) / kByteSetSize;

 private:
  using Inputs = std::array<std::int32_t, kInputs + 1>;
  static constexpr std::uint32_t kEven = 1U << 31U;

  // Of 16 estimates for four bits; `prefix`: the four bits before, with a 1 in front, or 0.
  [[nodiscard]] std::uint16_t* row_of(std::size_t input, std::uint32_t context, std::uint32_t set,
                                      std::uint32_t prefix) const {
    const std::uint32_t row = hash(context + (set + 1) * 0x9E3779B1U + prefix * 0x3D4D51CBU) >> (36U - kByteBits);
    return &memory_.bytes[(input << kByteBits) + (static_cast<std::size_t>(row) << 4U)];
  }

  [[nodiscard]] bool number_flag(bool bit, std::uint32_t set, std::uint32_t context, std::uint32_t one,
                                 std::uint32_t other) {
    return flag(bit, set,
                {context, context + hash(one + 0x1001U), context + hash(other + 0x2002U),
                 context + hash(one * 31 + other + 0x3003U), context >> 16U, 0});
  }

  [[nodiscard]] bool byte_bit(bool bit, const std::array<std::uint16_t*, kInputs>& rows, std::uint32_t node,
                              std::uint32_t set, std::uint32_t match) {
    Inputs inputs;
    for (std::size_t i = 0; i < kInputs; ++i) {
      inputs[i] = memory_.stretched[rows[i][node] >> 4U];
    }
    std::uint32_t& state = memory_.match_states[match % kMatchStates];
    inputs[kInputs] = match == 0 ? 0 : memory_.stretched[state >> 20U];
    const bool coded = mix(bit, inputs, set);
    for (std::uint16_t* row : rows) {
      update_quick(row[node], coded);
    }
    if (match != 0) {
      update_steady(state, coded, 1023);
    }
    return coded;
  }

  [[nodiscard]] bool mix(bool bit, const Inputs& inputs, std::uint32_t set) {
    std::int32_t* const weights = &memory_.weights[static_cast<std::size_t>(set) * (kInputs + 1)];
    std::int64_t sum = 0;
    for (std::size_t i = 0; i <= kInputs; ++i) {
      sum += static_cast<std::int64_t>(inputs[i]) * weights[i];
    }
    const std::int64_t log_odds = std::clamp<std::int64_t>(sum >> 16, 1 - kMostLogOdds, kMostLogOdds - 1);
    const std::uint32_t p = memory_.squashed[static_cast<std::size_t>(log_odds + kMostLogOdds)];
    const bool coded = coder_.code(bit, p);
    const std::int32_t error = (coded ? 65536 : 0) - static_cast<std::int32_t>(p);
    for (std::size_t i = 0; i <= kInputs; ++i) {
      const std::int32_t moved = weights[i] + ((inputs[i] * error * kRate + (1 << 17)) >> 18);  // below 2^12 * 2^16 * 3
      weights[i] = std::clamp<std::int32_t>(moved, -(1 << 20), 1 << 20);
    }
    return coded;
  }
  static constexpr std::int32_t kRate = 3;
  static constexpr std::uint32_t kLeast = 2;

  Coder& coder_;
  Memory& memory_;
};

}  // namespace ferry::delta::huge
