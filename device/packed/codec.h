// A packed image as a run of units: bytes, halfwords, and matches with what was before. The encoder and the decoder are
// both this class, over their coders, so that they agree bit by bit.
#pragma once

#include <bit>
#include <optional>

#include "device/packed/contexts.h"
#include "device/packed/history.h"
#include "device/packed/model.h"
#include "device/packed/place.h"
#include "device/packed/prior.h"
#include "device/packed/sources.h"

namespace ferry::packed {

enum class UnitKind : std::uint8_t { kByte = 0, kHalf = 1, kMatch = 2, kRepeat = 3 };

struct Unit {
  UnitKind kind = UnitKind::kByte;
  std::uint8_t repeat = 0;     // of a repeat: which of the last four distances
  std::uint32_t length = 1;    // of a half: 2, or 4 where it is a branch
  std::uint32_t distance = 0;  // of a match or repeat
  friend bool operator==(const Unit&, const Unit&) = default;
};

using Distances = std::array<std::uint32_t, 4>;

// The last distances, after a match or repeat.
[[nodiscard]] inline Distances newest_first(const Distances& before, const Unit& unit) {
  Distances distances = before;
  for (std::size_t i = unit.kind == UnitKind::kMatch ? distances.size() - 1 : unit.repeat; i > 0; --i) {
    distances[i] = before[i - 1];
  }
  distances[0] = unit.distance;
  return distances;
}

// What both sides keep in mind of the units in front.
struct Past {
  Place place;
  Distances distances{1, 1, 1, 1};  // of matches, the latest first
  std::uint32_t match_end = 0;
  std::uint32_t units = 0;  // two bits each
};

inline constexpr std::uint32_t kTargetBits = 19;  // of a branch whose first halfword's upper byte is 0xF0
inline constexpr std::uint32_t kMostLength = 32768;

template <class Coder>
class Codec {
 public:
  // All must outlive the codec. `size`: of the image.
  Codec(Coder& coder, const Tables& tables, History& history, Past& past, std::uint32_t size)
      : model_(coder, tables), history_(history), past_(past), size_(size) {
    target_bits_ = std::min<std::uint32_t>(kTargetBits, static_cast<std::uint32_t>(std::bit_width(size / 2)));
  }

  // The next unit, without what is in it: of a match all but its bytes.
  [[nodiscard]] Unit unit(const Unit& truth) {
    Unit unit;
    const bool is_match = truth.kind == UnitKind::kMatch || truth.kind == UnitKind::kRepeat;
    if (flag(is_match, 0)) {
      match(unit, truth);
      return unit;
    }
    const bool could_be_half = (past_.place.at() & 1U) == 0 && size_ - past_.place.at() >= 2;
    unit.kind = could_be_half && !flag(truth.kind == UnitKind::kByte, 4) ? UnitKind::kHalf : UnitKind::kByte;
    return unit;
  }

  [[nodiscard]] std::uint8_t byte(std::uint8_t truth) {
    const Place& place = past_.place;
    const std::uint32_t before = place.byte(1) | place.byte(2) << 8U | place.byte(3) << 16U | place.byte(4) << 24U;
    Question question{.kind = {kSingleByte, 8}, .before = before, .here = (place.at() & 1U) << 10U};
    if (const auto expected = expect(0)) {
      question.expect(*expected, 9 + std::min<std::uint32_t>(since_match(), 3U));
    }
    return answer(question, truth);
  }

  // The upper byte of a halfword, then what remains of it: how many bytes it has with that, 2 or 4. `out` and `truth`
  // are the bytes in their order in the image.
  [[nodiscard]] std::uint32_t half(std::array<std::uint8_t, 4>& out, const std::array<std::uint8_t, 4>& truth) {
    const Place& place = past_.place;
    const HalfKind kind = place.kind();
    const auto kind_bits = static_cast<std::uint32_t>(kind);
    const bool code = kind == HalfKind::kFirst || kind == HalfKind::kSecond;
    Question question{
        .kind = {code ? std::span<const Context>(kUpperCode) : std::span<const Context>(kUpperLiteral), kind_bits * 2},
        .before = place.half(1) | place.half(2) << 16U,
        .here = kind_bits << 8U | (place.at() >> 1U & 1U) << 10U,
        .third = place.half(3)};
    const auto upper = expect(1);
    const auto lower = expect(0);
    const std::uint32_t since = std::min<std::uint32_t>(since_match() / 2, 3U);
    if (upper) {
      question.expect(*upper, since);
    }
    question.prior = Prior(kind, false, place.half(1) >> 8U);
    remember(question, 0, upper_key(0));
    remember(question, 1, upper_key(1));
    out[1] = answer(question, truth[1]);
    if (kind == HalfKind::kFirst && out[1] == 0xF0 && size_ - place.at() >= 4) {
      const Branch branch{truth[0] | static_cast<std::uint32_t>(truth[1]) << 8U,
                          truth[2] | static_cast<std::uint32_t>(truth[3]) << 8U};
      if (model_.one(branch.is_one(), kBranches)) {
        put(this->branch(branch), out);
        return 4;
      }
    }
    question.kind = {code ? std::span<const Context>(kLowerCode) : std::span<const Context>(kLowerLiteral),
                     kind_bits * 2 + 1};
    question.here |= out[1];
    question.prior = Prior(kind, true, out[1]);
    question.forget();
    question.most_expected = kind == HalfKind::kFirst ? 3 : 1;
    if (lower) {
      question.expect(*lower, upper == out[1] ? 4 + since : 8);
    }
    if (kind == HalfKind::kFirst && out[1] >> 3U == 9) {
      question.expect(static_cast<std::uint8_t>(place.next_load()), 13);
      question.expect(static_cast<std::uint8_t>(place.same_load()), 14);
    }
    remember(question, 2, lower_key(out[1]));
    out[0] = answer(question, truth[0]);
    return 2;
  }

  // The next byte of the image, whatever unit it is in.
  void took(std::uint8_t byte) {
    if ((past_.place.at() & 1U) != 0) {
      learn(0, upper_key(0), byte);
      learn(1, upper_key(1), byte);
      learn(2, lower_key(byte), static_cast<std::uint8_t>(past_.place.byte(1)));
    }
    past_.place.take(byte);
  }
  // All bytes of a unit have been taken.
  void finished(const Unit& unit) {
    past_.units = past_.units << 2U | static_cast<std::uint32_t>(unit.kind);
    if (unit.kind == UnitKind::kMatch || unit.kind == UnitKind::kRepeat) {
      past_.match_end = past_.place.at();
      past_.distances = newest_first(past_.distances, unit);
    }
  }

  // Behind the last unit: sixteen even decisions for 0, which an image that ends early does not have. False: nor has
  // this one.
  [[nodiscard]] bool end() {
    bool whole = true;
    for (int i = 0; i < 16; ++i) {
      whole = !model_.even(false) && whole;
    }
    return whole;
  }

  // --- The parts of a unit ---

  // Whether it is a match (0), one of a distance of before (1), not the last one (2), the one before that (3), and
  // the third one (5); of others: whether it is a byte where a halfword could be (4).
  [[nodiscard]] bool flag(bool bit, std::uint32_t which) {
    const Place& place = past_.place;
    const std::uint32_t around = (past_.units & 0x3FU) | static_cast<std::uint32_t>(place.kind()) << 6U |
                                 (place.at() & 3U) << 8U | std::min<std::uint32_t>(since_match(), 7U) << 10U |
                                 place.byte(1) << 16U;
    Inputs inputs;
    for (std::size_t i = 0; i < kFlagContexts.size(); ++i) {
      const std::uint32_t context = (around & kFlagContexts[i]) * 0x9E3779B1U + which * 0x12345U;
      model_.add_clean(inputs, coding::hash(7U + coding::hash(context + static_cast<std::uint32_t>(i) * 0x7654321U)));
    }
    return model_.mixed(bit, inputs, kFlagSets + std::size_t{which} * 2 + (place.at() & 1U));
  }

  // How many bits value + 1 has below its highest one, one by one, then those bits.
  [[nodiscard]] std::uint32_t length(std::uint32_t value, bool repeats) {
    constexpr std::uint32_t kMostBits = 15;
    const std::size_t base = kLengths + ((repeats ? 2U : 0U) + (past_.place.at() & 1U)) * kLengthSize;
    const auto width = static_cast<std::uint32_t>(std::bit_width(value + 1)) - 1;
    std::uint32_t bits = 0;
    while (bits < kMostBits && model_.one(bits < width, base + std::min<std::uint32_t>(bits, 8U))) {
      ++bits;
    }
    std::uint32_t result = 1;
    for (std::uint32_t i = 0; i < bits; ++i) {
      const bool bit = ((value + 1) >> (bits - 1 - i) & 1U) != 0;
      const std::size_t row = base + 10 + (bits <= 3 ? 1U << bits : 16U + bits * 4);
      const bool coded = bits <= 3 || i < 2 ? model_.one(bit, row + result) : model_.even(bit);
      result = result * 2 + (coded ? 1 : 0);
    }
    return result - 1;
  }

  // Its width as a number of five bits, the upper ones of its bits, the lowest one, and which of the places it is.
  [[nodiscard]] std::uint32_t distance(std::uint32_t value, std::uint32_t length) {
    const std::uint32_t odd = past_.place.at() & 1U;
    const std::uint32_t row = (odd * 5 + std::min<std::uint32_t>(length, 5U) - 1) * 32;
    const auto width = static_cast<std::uint32_t>(std::bit_width(value | 1U)) - 1;
    std::uint32_t bits = 1;
    for (std::uint32_t i = 5; i-- > 0;) {
      Inputs inputs;
      inputs.add(model_.direct(kWidths + row + bits));
      inputs.add(model_.direct(kPlainWidths + std::size_t{odd} * 32 + bits));
      model_.add_sparse(inputs, coding::hash(bits | past_.place.byte(1) << 8U | 0xE0000000U));
      bits = bits * 2 + (model_.mixed((width >> i & 1U) != 0, inputs, kDistanceSets + i) ? 1 : 0);
    }
    bits = std::min<std::uint32_t>(bits & 31U, 23U);
    const std::uint32_t near = Sought::bits(bits);
    std::uint32_t result = 1;
    for (std::uint32_t i = 0; i + near < bits; ++i) {
      const bool bit = (value >> (bits - 1 - i) & 1U) != 0;
      const bool coded = i < 2 ? model_.one(bit, kHighBits + std::size_t{bits} * 4 + result) : model_.even(bit);
      result = result * 2 + (coded ? 1 : 0);
    }
    if (near == 0) {
      return result;
    }
    const bool lowest = model_.one((value & 1U) != 0, kLowBits + low_context(bits, odd, length));
    return source(Sought::of(past_.place.at(), length, result << near | (lowest ? 1U : 0U)), value);
  }

 private:
  static constexpr std::uint32_t kTargetMask = (1U << kTargetBits) - 1;
  static constexpr std::size_t kFlagSets = kByteSets * 6;  // where their weights begin
  static constexpr std::size_t kDistanceSets = kFlagSets + 12;

  // A byte that is to be coded, and what is known about it.
  struct Question {
    struct Expected {
      std::uint8_t byte;
      std::uint8_t row;
    };
    struct Memory {
      const Remembered* entry;
      std::uint32_t row;
    };
    ByteKind kind;
    std::uint32_t before = 0;
    std::uint32_t here = 0;
    std::uint32_t third = 0;
    std::array<Expected, 3> expected{};
    std::uint32_t expected_count = 0;
    std::uint32_t most_expected = 1;  // as many inputs are theirs
    std::array<Memory, 2> memory{};
    std::uint32_t memory_count = 0;
    Prior prior;

    void expect(std::uint8_t byte, std::uint32_t row) {
      expected[expected_count++] = {byte, static_cast<std::uint8_t>(row)};
    }
    void forget() { expected_count = memory_count = 0; }
  };

  [[nodiscard]] std::uint32_t since_match() const { return past_.place.at() - past_.match_end; }

  // What the last match would have here, `ahead` bytes on.
  [[nodiscard]] std::optional<std::uint8_t> expect(std::uint32_t ahead) {
    const std::uint32_t at = past_.place.at();
    if (past_.distances[0] > at || past_.distances[0] <= ahead) {
      return std::nullopt;
    }
    return history_.at(at + ahead - past_.distances[0]);
  }

  // Contexts of the tables of remembered bytes: two for the upper byte of a halfword, one for its lower byte.
  [[nodiscard]] std::uint32_t upper_key(std::uint32_t table) const {
    const Place& place = past_.place;
    const std::uint32_t kind = static_cast<std::uint32_t>(place.kind()) << 16U;
    const std::uint32_t before = table == 0 ? place.half(1) : (place.half(1) >> 8U | (place.half(2) & 0xFF00U));
    return coding::hash((before | kind) + table * 77777U);
  }
  [[nodiscard]] std::uint32_t lower_key(std::uint32_t upper) const {
    const Place& place = past_.place;
    const std::uint32_t kind = static_cast<std::uint32_t>(place.kind()) << 24U;
    return coding::hash((upper | (place.half(1) & 0xFF00U) | kind) + 2 * 77777U);
  }
  [[nodiscard]] static std::uint8_t check_of(std::uint32_t key) { return static_cast<std::uint8_t>(key << 4U); }

  void remember(Question& question, std::uint32_t table, std::uint32_t key) {
    const Remembered& entry = model_.remembered(table, key);
    const std::uint32_t times = entry.state & 0xFU;
    const bool known = times > 0 && (entry.state & 0xF0U) == check_of(key);
    const auto row = static_cast<std::uint32_t>(kRemembered) +
                     (table * 3 + std::min<std::uint32_t>(std::max<std::uint32_t>(times, 1U), 3U) - 1) * 27;
    question.memory[question.memory_count++] = {known ? &entry : nullptr, row};
  }

  void learn(std::uint32_t table, std::uint32_t key, std::uint8_t byte) {
    Remembered& entry = model_.remembered(table, key);
    auto& bytes = entry.bytes;
    const std::uint8_t check = check_of(key);
    std::uint32_t times = entry.state & 0xFU;
    if (times == 0 || (entry.state & 0xF0U) != check) {
      if (times > 1) {
        --entry.state;  // another context's, and it has come more than once
      } else {
        entry = {{byte, byte, byte}, static_cast<std::uint8_t>(check | 1U)};
      }
      return;
    }
    if (bytes[0] == byte) {
      times = std::min<std::uint32_t>(times + 1, 15U);
    } else {
      times = std::max<std::uint32_t>(1U, std::min<std::uint32_t>(times / 2, 3U));
      bytes[2] = bytes[1] == byte ? bytes[2] : bytes[1];
      bytes[1] = bytes[0];
      bytes[0] = byte;
    }
    entry.state = static_cast<std::uint8_t>(check | times);
  }

  // The bits of the byte, from the highest one on.
  [[nodiscard]] std::uint8_t answer(const Question& question, std::uint8_t truth) {
    std::array<std::uint32_t, 3> hashes{};
    const auto contexts = question.kind.contexts;
    for (std::size_t i = 0; i < contexts.size(); ++i) {
      const Context& context = contexts[i];
      const std::uint32_t inner =
          coding::hash((question.here & context.here) | (question.third & context.third) << 16U);
      hashes[i] = coding::hash((question.before & context.before) * 0x9E3779B1U + inner +
                               (static_cast<std::uint32_t>(i) + question.kind.set * 16U) * 0x2545F491U);
    }
    std::uint32_t prefix = 1;
    for (std::uint32_t bit = 8; bit-- > 0;) {
      Inputs inputs;
      for (std::size_t i = 0; i < contexts.size(); ++i) {
        const std::uint32_t node = contexts[i].field ? field_node(prefix, bit) : prefix;
        const std::uint32_t hash = (hashes[i] + node * 0x9E3779B1U) * 0x85EBCA77U;
        if (contexts[i].sparse) {
          model_.add_sparse(inputs, hash);
        } else {
          model_.add_clean(inputs, hash);
        }
      }
      inputs.know(question.prior.log_odds(prefix));
      add_expected(inputs, question, prefix, bit);
      const bool remembers = add_remembered(inputs, question, prefix, bit);
      const std::uint32_t group = bit >= 6 ? 0U : bit >= 3 ? 1U : 2U;
      const std::size_t set = (question.kind.set * 3 + group) * 2 + (remembers ? 1 : 0);
      const bool one = model_.mixed((truth >> bit & 1U) != 0, inputs, set);
      prefix = prefix * 2 + (one ? 1 : 0);
    }
    return static_cast<std::uint8_t>(prefix);
  }

  // Where in its field of 2, 3 or 3 bits a bit stands, and what is in front of it there.
  [[nodiscard]] static std::uint32_t field_node(std::uint32_t prefix, std::uint32_t bit) {
    const std::uint32_t top = bit >= 6 ? 7 : bit >= 3 ? 5 : 2;
    const std::uint32_t in_front = top - bit;
    return 256U + top * 8U + (1U << in_front | (prefix & ((1U << in_front) - 1)));
  }

  void add_expected(Inputs& inputs, const Question& question, std::uint32_t prefix, std::uint32_t bit) {
    for (std::uint32_t i = 0; i < question.expected_count; ++i) {
      const auto [byte, row] = question.expected[i];
      if ((byte | 256U) >> (bit + 1) == prefix) {
        inputs.add(model_.direct(kExpected + (row * 8U + bit) * 2U + (byte >> bit & 1U)));
      } else {
        inputs.skip();
      }
    }
    for (std::uint32_t i = question.expected_count; i < question.most_expected; ++i) {
      inputs.skip();
    }
  }

  // Which of the remembered bytes can still be, and what bit they have here.
  [[nodiscard]] static std::uint32_t remembered_state(const std::array<std::uint8_t, 3>& bytes, std::uint32_t prefix,
                                                      std::uint32_t bit) {
    std::uint32_t state = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const bool again = i > 0 && (bytes[i] == bytes[0] || (i == 2 && bytes[2] == bytes[1]));
      const bool possible = !again && (bytes[i] | 256U) >> (bit + 1) == prefix;
      state = state * 3 + (possible ? 1U + (bytes[i] >> bit & 1U) : 0U);
    }
    return state;
  }

  // Whether any of the remembered bytes can still be.
  [[nodiscard]] bool add_remembered(Inputs& inputs, const Question& question, std::uint32_t prefix, std::uint32_t bit) {
    bool any = false;
    for (std::uint32_t i = 0; i < question.memory_count; ++i) {
      const Remembered* const entry = question.memory[i].entry;
      const std::uint32_t state = entry == nullptr ? 0U : remembered_state(entry->bytes, prefix, bit);
      if (state != 0) {
        inputs.add(model_.direct(question.memory[i].row + state));
        any = true;
      } else {
        inputs.skip();
      }
    }
    return any;
  }

  // The operand of a branch whose first halfword has the upper byte 0xF0, from its highest bit on.
  [[nodiscard]] Branch branch(const Branch& truth) {
    const std::uint32_t place = ((truth.first & 0x7FFU) << 11U | (truth.second & 0x7FFU)) & kTargetMask;
    const bool call = model_.one((truth.second & 0xF800U) == 0xF800U, kBranches + 1);
    const bool inside = model_.one(place >> target_bits_ == 0, kBranches + 2);
    const std::uint32_t bits = inside ? target_bits_ : kTargetBits;
    std::uint32_t target = 1;
    for (std::uint32_t i = bits; i-- > 0;) {
      const bool bit = (place >> i & 1U) != 0;
      const bool coded = bits - i <= 6 ? model_.one(bit, kTargets + target)
                         : i < 2       ? model_.one(bit, kBranches + 3 + i + (inside ? 2U : 0U))
                                       : model_.even(bit);
      target = target * 2 + (coded ? 1 : 0);
    }
    return make_branch(call, target & ((1U << bits) - 1));
  }

  [[nodiscard]] static Branch make_branch(bool call, std::uint32_t place) {
    return {0xF000U | place >> 11U, (call ? 0xF800U : 0xB800U) | (place & 0x7FFU)};
  }
  static void put(const Branch& branch, std::array<std::uint8_t, 4>& out) {
    out = {static_cast<std::uint8_t>(branch.first), static_cast<std::uint8_t>(branch.first >> 8U),
           static_cast<std::uint8_t>(branch.second), static_cast<std::uint8_t>(branch.second >> 8U)};
  }

  void match(Unit& unit, const Unit& truth) {
    const bool repeats = flag(truth.kind == UnitKind::kRepeat, 1);
    unit.kind = repeats ? UnitKind::kRepeat : UnitKind::kMatch;
    if (repeats) {
      constexpr std::array<std::uint32_t, 3> kFlags = {2, 3, 5};
      while (unit.repeat < kFlags.size() && flag(truth.repeat > unit.repeat, kFlags[unit.repeat])) {
        ++unit.repeat;
      }
      unit.length = length(truth.length - 1, true) + 1;
      unit.distance = past_.distances[unit.repeat];
    } else {
      unit.length = length(truth.length - 2, false) + 2;
      unit.distance = distance(truth.distance, unit.length);
    }
  }

  [[nodiscard]] static std::uint32_t low_context(std::uint32_t bits, std::uint32_t odd, std::uint32_t length) {
    return std::min<std::uint32_t>(bits, 4U) * 4 + odd * 2 + (length >= 4 ? 1U : 0U);
  }
  // Which distance it is, by halves of what remains.
  [[nodiscard]] std::uint32_t source(const Sought& sought, std::uint32_t truth) {
    Sources sources(model_.sources(), sought, [&](std::uint32_t place) { return history_.at(place); });
    const std::uint32_t index = sought.index_of(truth);
    std::uint32_t begin = 0;
    for (std::uint32_t count = sought.count; count > 1; count /= 2) {
      begin += model_.known((index & count / 2) != 0, sources.second_half(begin, count)) ? count / 2 : 0U;
    }
    if constexpr (!OnlyCounts<Coder>) {
      sources.learn(begin);
    }
    return sought.first + 2 * begin;
  }

  Model<Coder> model_;
  History& history_;
  Past& past_;
  std::uint32_t size_;
  std::uint32_t target_bits_;
};

}  // namespace ferry::packed
