// Estimates every decision of a packed image, and codes it. Coder is a BitDecoder, the encoder's counterpart, or one
// that only counts what the decision would cost and learns nothing.
#pragma once

#include <algorithm>

#include "device/coding/counters.h"
#include "device/coding/hash.h"
#include "device/coding/logistic.h"
#include "device/packed/memory.h"
#include "device/packed/states.h"

namespace ferry::packed {

template <class Coder>
concept OnlyCounts = requires { typename Coder::OnlyCounts; };

// What takes part in a decision: counters, states by the counters of what came after such ones, and what is known.
class Inputs {
 public:
  void add(std::uint16_t& counter) { all_[count_++].counter = &counter; }
  void add(std::uint8_t& state, std::uint16_t& mapped) { all_[count_++] = {&mapped, &state, 0}; }
  void know(std::int32_t log_odds) { all_[count_++].log_odds = log_odds; }  // which never changes
  void skip() { ++count_; }                                                 // it has nothing to say

  struct Input {
    std::uint16_t* counter = nullptr;  // its own, or its state's
    std::uint8_t* state = nullptr;
    std::int32_t log_odds = 0;  // where there is no counter
    [[nodiscard]] bool learns() const { return counter != nullptr; }
  };
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] const Input& operator[](std::size_t i) const { return all_[i]; }

 private:
  std::array<Input, kInputs> all_{};
  std::size_t count_ = 0;
};

template <class Coder>
class Model {
 public:
  // `tables` must outlive the model. Clears them, unless the coder only counts.
  Model(Coder& coder, const Tables& tables) : coder_(coder), tables_(tables) {
    if constexpr (!OnlyCounts<Coder>) {
      coding::FastCounters(tables_.direct).clear();
      std::ranges::fill(tables_.clean, std::uint8_t{0});
      std::ranges::fill(tables_.sparse, std::uint8_t{0});
      for (std::size_t i = 0; i < tables_.maps.size(); ++i) {
        tables_.maps[i] = kStates.first(i % States::kCount);
      }
      std::ranges::fill(tables_.weights, kFirstWeight);
      std::ranges::fill(tables_.symbols, Remembered{});
      std::ranges::fill(tables_.sources, std::int8_t{0});
    }
  }

  void add_clean(Inputs& inputs, std::uint32_t hash) {
    std::uint8_t& state = at(tables_.clean, hash);
    inputs.add(state, tables_.maps[state]);
  }
  void add_sparse(Inputs& inputs, std::uint32_t hash) {
    std::uint8_t& state = at(tables_.sparse, hash);
    inputs.add(state, tables_.maps[States::kCount + state]);
  }
  [[nodiscard]] std::uint16_t& direct(std::size_t index) { return tables_.direct[index]; }
  [[nodiscard]] Remembered& remembered(std::size_t table, std::uint32_t hash) {
    return at(tables_.symbols.subspan(table * kSymbols, kSymbols), hash);
  }

  [[nodiscard]] std::span<std::int8_t> sources() { return tables_.sources; }

  // A decision by one counter.
  [[nodiscard]] bool one(bool bit, std::size_t index) {
    const std::span<std::uint16_t> counter = tables_.direct.subspan(index, 1);
    const std::uint32_t p = coding::FastCounters(counter).probability(0);
    const bool coded = coder_.code(bit, std::clamp<std::uint32_t>(p, 64, 65536 - 64));
    update(counter.front(), coded);
    return coded;
  }
  // One whose probability is known.
  [[nodiscard]] bool known(bool bit, std::uint32_t probability) { return coder_.code(bit, probability); }
  [[nodiscard]] bool even(bool bit) { return coder_.code(bit, 1U << 15U); }
  // One by several, weighed by `set`.
  [[nodiscard]] [[gnu::noinline]] bool mixed(bool bit, const Inputs& inputs, std::size_t set) {
    const std::span<std::int16_t> weights = tables_.weights.subspan(set * kInputs, kInputs);
    std::array<std::int32_t, kInputs> stretched{};
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < inputs.count(); ++i) {
      stretched[i] = inputs[i].learns() ? coding::stretch(probability(inputs[i])) : inputs[i].log_odds;
      sum += stretched[i] * weights[i];  // below 2^12 * 2^15 each
    }
    const auto log_odds = std::clamp<std::int32_t>(sum >> kWeightBits, -4096, 4095);
    const std::uint32_t p = std::clamp<std::uint32_t>(coding::squash(log_odds), kLeast, 65536 - kLeast);
    const bool coded = coder_.code(bit, p);
    if constexpr (!OnlyCounts<Coder>) {
      const std::int32_t error = ((coded ? 65536 : 0) - static_cast<std::int32_t>(p)) / 2 * 3;
      for (std::size_t i = 0; i < inputs.count(); ++i) {
        const std::int32_t moved = weights[i] + ((stretched[i] * error + (1 << 17)) >> 18);
        weights[i] = static_cast<std::int16_t>(std::clamp<std::int32_t>(moved, -32768, 32767));
        if (inputs[i].learns()) {
          learn(inputs[i], coded);
        }
      }
    }
    return coded;
  }

 private:
  static constexpr int kWeightBits = 13;  // a weight of 1 is 2^13
  static constexpr std::int16_t kFirstWeight = 3277;
  static constexpr std::uint32_t kLeast = 2;  // probabilities stay this far from 0 and 1
  static constexpr std::int32_t kMapMargin = 16;
  static constexpr int kMapRate = 7;

  template <class T>
  [[nodiscard]] static T& at(std::span<T> table, std::uint32_t hash) {
    return table[static_cast<std::size_t>(static_cast<std::uint64_t>(hash) * table.size() >> 32U)];
  }

  static void update(std::uint16_t& counter, bool bit) {
    if constexpr (!OnlyCounts<Coder>) {
      coding::FastCounters(std::span(&counter, 1)).update(0, bit);
    }
  }

  [[nodiscard]] static std::uint32_t probability(const Inputs::Input& input) {
    return input.state != nullptr ? *input.counter : coding::FastCounters(std::span(input.counter, 1)).probability(0);
  }

  static void learn(const Inputs::Input& input, bool bit) {
    if (input.state == nullptr) {
      update(*input.counter, bit);
      return;
    }
    const std::int32_t target = bit ? 65536 - kMapMargin : kMapMargin;
    *input.counter = static_cast<std::uint16_t>(*input.counter + ((target - *input.counter) >> kMapRate));
    *input.state = kStates.next(*input.state, bit);
  }

  Coder& coder_;
  Tables tables_;
};

}  // namespace ferry::packed
