// The model of a patch: estimates every decision from what both sides have seen, and codes it. Coder is a BitDecoder,
// or the encoder's counterpart; the two models go through the same states.
#pragma once

#include <algorithm>
#include <bit>

#include "device/coding/counters.h"
#include "device/coding/hash.h"
#include "device/coding/logistic.h"
#include "device/delta/memory.h"

namespace ferry::delta {

using coding::FastCounters;
using coding::SteadyCounters;

enum class NumberKind : std::uint8_t { kFirst, kSecond, kThird };

template <class Coder>
class Model {
 public:
  using FlagContexts = std::array<std::uint16_t, kFlagInputs>;
  using ByteContexts = std::array<std::uint32_t, kByteContexts>;

  // `tables` must outlive the model.
  Model(Coder& coder, const Tables& tables)
      : coder_(coder),
        tables_(tables),
        bytes_(tables.bytes),
        numbers_(tables.numbers),
        flags_(tables.flags, tables.flag_ages),
        byte_bits_(static_cast<std::uint8_t>(std::bit_width(tables.bytes.size() / kByteContexts) - 1)),
        hashed_(static_cast<std::uint16_t>((tables.flags.size() - kFixedFlags) / 2)) {
    bytes_.clear();
    flags_.clear();
    forget_numbers();
    std::ranges::fill(tables_.word_weights, first_weight(kFlagInputs));
    std::ranges::fill(tables_.flag_weights, first_weight(kFlagInputs));
    std::ranges::fill(tables_.byte_weights, first_weight(kByteContexts));
  }

  void forget_numbers() { numbers_.clear(); }

  // An index into the hashed flags, of which there are two tables.
  [[nodiscard]] std::uint16_t hashed_flag(std::size_t table, std::uint32_t context) const {
    return static_cast<std::uint16_t>(kFixedFlags + table * hashed_ + (coding::hash(context) & (hashed_ - 1U)));
  }
  [[nodiscard]] bool word_flag(bool bit, std::size_t set, const FlagContexts& contexts) {
    return mix(bit, flags_, contexts, tables_.word_weights.subspan(set * kFlagInputs));
  }
  [[nodiscard]] bool byte_flag(bool bit, std::size_t set, const FlagContexts& contexts) {
    return mix(bit, flags_, contexts, tables_.flag_weights.subspan(set * kFlagInputs));
  }

  // A byte in its contexts, from its highest bit on. `kind`: 0 or 1.
  [[nodiscard]] std::uint8_t byte(std::uint8_t value, std::size_t kind, const ByteContexts& contexts) {
    ByteContexts hashes;
    for (std::size_t i = 0; i < kByteContexts; ++i) {
      hashes[i] = coding::hash(contexts[i] + static_cast<std::uint32_t>(i * 2 + kind) * 0x2545F491U);
    }
    std::uint32_t prefix = 1;
    for (int bit = 7; bit >= 0; --bit) {
      std::array<std::uint16_t, kByteContexts> indices{};
      for (std::size_t i = 0; i < kByteContexts; ++i) {
        const std::uint32_t slot = (hashes[i] + prefix * 0x9E3779B1U) >> (32U - byte_bits_);
        indices[i] = static_cast<std::uint16_t>((i << byte_bits_) + slot);
      }
      const std::size_t set = kind * 8 + static_cast<std::size_t>(bit);
      const bool one = mix((value >> bit & 1) != 0, bytes_, indices, tables_.byte_weights.subspan(set * kByteContexts));
      prefix = prefix * 2 + (one ? 1 : 0);
    }
    return static_cast<std::uint8_t>(prefix);
  }

  // A number from 0 to 2^32 - 2: how many bits it has, one by one, then the bits below the highest; the first two of
  // them by context.
  [[nodiscard]] [[gnu::noinline]] std::uint32_t number(std::uint32_t value, NumberKind kind) {
    const std::size_t base = static_cast<std::size_t>(kind) * kNumberContexts;
    const auto width = static_cast<std::uint32_t>(std::bit_width(value + 1) - 1);
    std::uint32_t bits = 0;
    while (bits < 31 && one(bits < width, base + std::min<std::uint32_t>(bits, kWidths - 1))) {
      ++bits;
    }
    std::uint32_t result = 1;
    for (std::uint32_t i = 0; i < bits; ++i) {
      const bool bit = ((value + 1) >> (bits - 1 - i) & 1U) != 0;
      const std::size_t row = std::min<std::uint32_t>(bits, kWidths - 1);
      const bool coded = i == 0   ? one(bit, base + kWidths + row)
                         : i == 1 ? one(bit, base + kWidths * (2 + (result & 1U)) + row)
                                  : decide(bit, kEven);
      result = result * 2 + (coded ? 1 : 0);
    }
    return result - 1;
  }

  // A flag among the contexts of the numbers of `kind`.
  [[nodiscard]] bool choice(bool bit, NumberKind kind) {
    return one(bit, static_cast<std::size_t>(kind) * kNumberContexts + kNumberContexts - 1);
  }

 private:
  static constexpr int kWeightBits = 13;  // a weight of 1 is 2^13
  [[nodiscard]] static constexpr std::int16_t first_weight(std::size_t inputs) {
    return static_cast<std::int16_t>((13 << kWeightBits) / 10 / static_cast<int>(inputs));
  }
  static constexpr std::uint32_t kEven = 1U << 15U;
  static constexpr std::size_t kWidths = 23;  // contexts by a number's width
  static_assert(kWidths * 4 < kNumberContexts);
  static constexpr std::uint32_t kLeast = 2;  // probabilities stay this far from 0 and 1

  // Called from many places, and large in each of them if the compiler has its way; number() too.
  [[nodiscard]] [[gnu::noinline]] bool decide(bool bit, std::uint32_t probability) {
    return coder_.code(bit, probability);
  }
  [[nodiscard]] [[gnu::noinline]] bool one(bool bit, std::size_t index) {
    const bool coded = decide(bit, std::clamp<std::uint32_t>(numbers_.probability(index), 64, 65536 - 64));
    numbers_.update(index, coded);
    return coded;
  }

  template <class Counters, std::size_t kInputs>
  [[nodiscard]] bool mix(bool bit, Counters& counters, const std::array<std::uint16_t, kInputs>& indices,
                         std::span<std::int16_t> weights) {
    std::array<std::int32_t, kInputs> inputs;
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < kInputs; ++i) {
      inputs[i] = coding::stretch(counters.probability(indices[i]));
      sum += inputs[i] * weights[i];  // below 2^12 * 2^15 each
    }
    const auto log_odds = std::clamp<std::int32_t>(sum >> kWeightBits, -4096, 4095);
    const std::uint32_t p = std::clamp<std::uint32_t>(coding::squash(log_odds), kLeast, 65536 - kLeast);
    const bool coded = decide(bit, p);
    const std::int32_t error = ((coded ? 65536 : 0) - static_cast<std::int32_t>(p)) / 2 * 5;  // times the rate, 5/2
    for (std::size_t i = 0; i < kInputs; ++i) {
      const std::int32_t moved = weights[i] + ((inputs[i] * error + (1 << 17)) >> 18);
      weights[i] = static_cast<std::int16_t>(std::clamp<std::int32_t>(moved, -32768, 32767));
      counters.update(indices[i], coded);
    }
    return coded;
  }

  Coder& coder_;
  const Tables& tables_;
  FastCounters bytes_;
  FastCounters numbers_;
  SteadyCounters flags_;
  std::uint8_t byte_bits_;
  std::uint16_t hashed_;
};

}  // namespace ferry::delta
