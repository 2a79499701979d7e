// Estimates every decision of a packed image, and codes it. Coder is a BitDecoder, the encoder's counterpart, or one
// that only counts what the decision would cost and learns nothing.
#pragma once

#include <algorithm>

#include "device/coding/counters.h"
#include "device/coding/hash.h"
#include "device/coding/logistic.h"
#include "device/packed/memory.h"

namespace ferry::packed {

template <class Coder>
concept OnlyCounts = requires { typename Coder::OnlyCounts; };

// Counters that take part in a decision.
class Inputs {
 public:
  void add(std::uint16_t& counter) { counters_[count_++] = &counter; }
  void skip() { counters_[count_++] = nullptr; }  // it has nothing to say
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::uint16_t* operator[](std::size_t i) const { return counters_[i]; }

 private:
  std::array<std::uint16_t*, kInputs> counters_{};
  std::size_t count_ = 0;
};

template <class Coder>
class Model {
 public:
  // `tables` must outlive the model. Clears them, unless the coder only counts.
  Model(Coder& coder, const Tables& tables) : coder_(coder), tables_(tables) {
    if constexpr (!OnlyCounts<Coder>) {
      for (const auto counters : {tables_.clean, tables_.sparse, tables_.direct}) {
        coding::FastCounters(counters).clear();
      }
      std::ranges::fill(tables_.weights, kFirstWeight);
      std::ranges::fill(tables_.symbols, Remembered{});
      for (std::size_t i = 0; i < tables_.curves.size(); ++i) {
        const auto step = static_cast<std::int32_t>(i % kSteps);
        tables_.curves[i] = static_cast<std::uint16_t>(coding::squash((step - 4) * kStep));
      }
    }
  }

  [[nodiscard]] std::uint16_t& clean(std::uint32_t hash) { return at(tables_.clean, hash); }
  [[nodiscard]] std::uint16_t& sparse(std::uint32_t hash) { return at(tables_.sparse, hash); }
  [[nodiscard]] std::uint16_t& direct(std::size_t index) { return tables_.direct[index]; }
  [[nodiscard]] Remembered& remembered(std::size_t table, std::uint32_t hash) {
    return at(tables_.symbols.subspan(table * kSymbols, kSymbols), hash);
  }

  // A decision by one counter.
  [[nodiscard]] bool one(bool bit, std::size_t index) {
    const std::span<std::uint16_t> counter = tables_.direct.subspan(index, 1);
    const std::uint32_t p = coding::FastCounters(counter).probability(0);
    const bool coded = coder_.code(bit, std::clamp<std::uint32_t>(p, 64, 65536 - 64));
    update(counter.front(), coded);
    return coded;
  }
  [[nodiscard]] bool even(bool bit) { return coder_.code(bit, 1U << 15U); }
  // One by several, weighed by `set`.
  [[nodiscard]] bool mixed(bool bit, const Inputs& inputs, std::size_t set) { return mix(bit, inputs, set, kNoCurve); }
  // A bit of a byte: likewise, and corrected by what became of such estimates before, on one of kCurves.
  [[nodiscard]] bool corrected(bool bit, const Inputs& inputs, std::size_t set, std::size_t curve) {
    return mix(bit, inputs, set, curve);
  }

 private:
  static constexpr std::size_t kNoCurve = kCurves;
  static constexpr int kWeightBits = 13;  // a weight of 1 is 2^13
  static constexpr std::int16_t kFirstWeight = 3277;
  static constexpr std::int32_t kStep = 512;  // of a curve, in log odds
  static constexpr std::uint32_t kLeast = 2;  // probabilities stay this far from 0 and 1

  template <class T>
  [[nodiscard]] static T& at(std::span<T> table, std::uint32_t hash) {
    return table[static_cast<std::size_t>(static_cast<std::uint64_t>(hash) * table.size() >> 32U)];
  }

  static void update(std::uint16_t& counter, bool bit) {
    if constexpr (!OnlyCounts<Coder>) {
      coding::FastCounters(std::span(&counter, 1)).update(0, bit);
    }
  }

  [[nodiscard]] [[gnu::noinline]] bool mix(bool bit, const Inputs& inputs, std::size_t set, std::size_t curve) {
    const std::span<std::int16_t> weights = tables_.weights.subspan(set * kInputs, kInputs);
    std::array<std::int32_t, kInputs> stretched{};
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < inputs.count(); ++i) {
      if (std::uint16_t* const counter = inputs[i]) {
        stretched[i] = coding::stretch(coding::FastCounters(std::span(counter, 1)).probability(0));
      }
      sum += stretched[i] * weights[i];  // below 2^12 * 2^15 each
    }
    const auto log_odds = std::clamp<std::int32_t>(sum >> kWeightBits, -4096, 4095);
    const std::uint32_t p = std::clamp<std::uint32_t>(coding::squash(log_odds), kLeast, 65536 - kLeast);
    const bool coded = curve == kNoCurve ? coder_.code(bit, p) : code_corrected(bit, p, log_odds, curve);
    if constexpr (!OnlyCounts<Coder>) {
      const std::int32_t error = ((coded ? 65536 : 0) - static_cast<std::int32_t>(p)) / 2 * 3;
      for (std::size_t i = 0; i < inputs.count(); ++i) {
        if (std::uint16_t* const counter = inputs[i]) {
          const std::int32_t moved = weights[i] + ((stretched[i] * error + (1 << 17)) >> 18);
          weights[i] = static_cast<std::int16_t>(std::clamp<std::int32_t>(moved, -32768, 32767));
          update(*counter, coded);
        }
      }
    }
    return coded;
  }

  [[nodiscard]] bool code_corrected(bool bit, std::uint32_t p, std::int32_t log_odds, std::size_t curve_index) {
    const auto place = static_cast<std::uint32_t>(std::clamp<std::int32_t>(log_odds, -2047, 2047) + 2048);
    const std::span<std::uint16_t> curve = tables_.curves.subspan(curve_index * kSteps + (place >> 9U), 2);
    const auto upper = static_cast<std::int32_t>(place & 511U);
    const std::int32_t lower = 512 - upper;
    const auto corrected = static_cast<std::uint32_t>((curve[0] * lower + curve[1] * upper) >> 9);
    const bool coded = coder_.code(bit, std::clamp<std::uint32_t>((p + 3 * corrected) / 4, kLeast, 65536 - kLeast));
    if constexpr (!OnlyCounts<Coder>) {
      const std::int32_t target = coded ? 65535 : 0;
      curve[0] = static_cast<std::uint16_t>(curve[0] + ((target - curve[0]) * lower >> 15));
      curve[1] = static_cast<std::uint16_t>(curve[1] + ((target - curve[1]) * upper >> 15));
    }
    return coded;
  }

  Coder& coder_;
  Tables tables_;
};

}  // namespace ferry::packed
