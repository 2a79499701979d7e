// Where a match comes from: of some places in a row, how likely each of them is by what stands there and what stands
// here. What is there is in flash already; weights of its features are all that this takes of RAM. Part of the format.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "device/coding/hash.h"
#include "device/packed/history.h"

namespace ferry::packed {

inline constexpr std::size_t kSourceWeights = 1728;

// A match that is to be found: the bits of its distance but those that tell which of the places it is.
struct Sought {
  std::uint32_t at;
  std::uint32_t length;
  std::uint32_t first;  // distances are this one, the one 2 further on, and so on
  std::uint32_t count;  // of places: a power of two; 0 where the distance is known

  static constexpr std::uint32_t kMostBits = 6;
  static constexpr std::uint32_t kMostLength = 8;  // longer ones are alike
  // How many of the lower bits of a distance of that many bits below its highest one are concerned.
  [[nodiscard]] static std::uint32_t bits(std::uint32_t width) { return std::min(width, kMostBits); }
  // `known`: a distance whose lower bits but the lowest one are not looked at.
  static Sought of(std::uint32_t at, std::uint32_t length, std::uint32_t known) {
    const std::uint32_t bits = Sought::bits(static_cast<std::uint32_t>(std::bit_width(known | 1U)) - 1);
    return {at, length, (known >> bits << bits) | (known & 1U), bits == 0 ? 0U : 1U << (bits - 1)};
  }
  [[nodiscard]] std::uint32_t index_of(std::uint32_t distance) const { return (distance - first) / 2; }
};

class Sources {
 public:
  static constexpr std::uint32_t kMost = 1U << (Sought::kMostBits - 1);

  // `weights` must outlive it. `byte_at`: what stands at a place in front of sought.at.
  template <class ByteAt>
  Sources(std::span<std::int8_t> weights, const Sought& sought, ByteAt byte_at) : weights_(weights), sought_(sought) {
    if (sought.count == 0) {
      return;
    }
    const auto byte = [&](std::uint32_t place) { return place < sought.at ? std::uint32_t{byte_at(place)} : 0U; };
    here_ = byte(sought.at - 2) | byte(sought.at - 1) << 8U;
    start_ = sought.at - (sought.first + 2 * sought.count);
    for (std::uint32_t i = 0; i < 2 * sought.count + 4; ++i) {
      around_[i] = static_cast<std::uint8_t>(byte(start_ + i));
    }
    for (std::uint32_t i = 0; i < sought.count; ++i) {
      likely_[i] = possible(i) ? power_of_two(sum_of(features(i))) : 0U;
    }
  }

  // How likely the place is, and all those from there on, beside each other.
  [[nodiscard]] std::uint32_t likely(std::uint32_t begin, std::uint32_t count = 1) const {
    std::uint32_t sum = 0;  // below 2^30
    for (std::uint32_t i = begin; i < begin + count; ++i) {
      sum += likely_[i];
    }
    return sum;
  }
  // Of `count` places from `begin` on: how probable the second half of them is, in 1/65536.
  [[nodiscard]] std::uint32_t second_half(std::uint32_t begin, std::uint32_t count) const {
    const std::uint64_t all = likely(begin, count);
    const std::uint64_t second = likely(begin + count / 2, count / 2);
    return all == 0 ? 32768U : std::clamp<std::uint32_t>(static_cast<std::uint32_t>((second << 16U) / all), 16, 65520);
  }

  // It was that one.
  void learn(std::uint32_t taken) {
    const std::uint64_t all = likely(0, sought_.count);
    std::uint32_t dither = coding::hash(sought_.at);
    for (std::uint32_t i = 0; i < sought_.count && all > 0; ++i) {
      if (!possible(i)) {
        continue;
      }
      const auto p = static_cast<std::int32_t>((std::uint64_t{likely_[i]} << 16U) / all);
      const std::int32_t error = ((i == taken ? 65536 : 0) - p) * 5 / 4;
      const Features features = this->features(i);
      for (std::uint32_t j = 0; j < features.count; ++j) {
        // A step of less than 1 is made that often.
        dither = dither * 1664525U + 1013904223U;
        std::int8_t& weight = weights_[features.all[j]];
        const std::int32_t moved = weight + ((error + static_cast<std::int32_t>(dither >> 16U)) >> 16);
        weight = static_cast<std::int8_t>(std::clamp<std::int32_t>(moved, -127, 127));
      }
    }
  }

 private:
  // Where the weights of a feature begin: 1,728 of them.
  enum Table : std::uint16_t {
    kShape = 0,
    kLikeness = 128,
    kStart = 192,
    kFollows = 448,
    kInFront = 704,
    kByteInFront = 960,
    kByteStart = 1216,
    kByteFollows = 1472,
  };
  struct Features {
    std::array<std::uint16_t, 5> all{};
    std::uint32_t count = 0;
    void add(std::uint32_t table, std::uint32_t index) { all[count++] = static_cast<std::uint16_t>(table + index); }
  };

  [[nodiscard]] bool possible(std::uint32_t i) const { return sought_.first + 2 * i <= sought_.at; }
  [[nodiscard]] std::uint32_t byte(std::uint32_t place) const { return around_[place - start_]; }
  [[nodiscard]] std::uint32_t half(std::uint32_t place) const { return byte(place) | byte(place + 1) << 8U; }

  [[nodiscard]] Features features(std::uint32_t i) const {
    const std::uint32_t place = sought_.at - (sought_.first + 2 * i);
    return (sought_.at & 1U) == 0 && (sought_.first & 1U) == 0 ? of_code(place) : of_bytes(place);
  }
  // From an even place to an even one, so probably instructions: what is in front there and here, and what begins.
  [[nodiscard]] Features of_code(std::uint32_t place) const {
    const std::uint32_t begins = half(place);
    const std::uint32_t in_front = half(place - 2);
    const std::uint32_t length = std::min(sought_.length, Sought::kMostLength) - 1;
    const std::uint32_t wide = here_ >= 0xE800U ? 8U : 0U;  // here an instruction of four bytes may have begun
    const std::uint32_t branch = Branch{begins, half(place + 2)}.is_one() ? 3U
                                 : begins >= 0xE800U                      ? 2U
                                 : Branch{in_front, begins}.is_one()      ? 1U
                                                                          : 0U;
    const std::uint32_t likeness = (in_front >> 8U == here_ >> 8U ? 2U : 0U) +
                                   ((in_front & 0xFFU) == (here_ & 0xFFU) ? 1U : 0U) +
                                   (in_front >> 11U == here_ >> 11U ? 4U : 0U);
    Features features;
    features.add(kShape, length << 4U | wide | (in_front >= 0xE800U ? 4U : 0U) | branch);
    features.add(kLikeness, std::min<std::uint32_t>((length + 1) / 2, 3U) << 4U | wide | likeness);
    features.add(kStart, length << 5U | begins >> 11U);
    features.add(kFollows, here_ >> 12U << 4U | begins >> 12U);
    features.add(kInFront, in_front >> 12U << 4U | here_ >> 12U);
    return features;
  }
  [[nodiscard]] Features of_bytes(std::uint32_t place) const {
    const std::uint32_t here = here_ >> 8U;
    const std::uint32_t begins = byte(place);
    const std::uint32_t in_front = byte(place - 1);
    const std::uint32_t length = (std::min(sought_.length, Sought::kMostLength) - 1) / 2;
    Features features;
    features.add(kByteInFront,
                 (sought_.at & 1U) << 7U | sort(in_front) << 4U | sort(here) << 1U | (here == in_front ? 1U : 0U));
    features.add(kByteStart, length << 6U | sort(here) << 3U | sort(begins));
    features.add(kByteFollows, here >> 4U << 4U | begins >> 4U);
    return features;
  }
  [[nodiscard]] static std::uint32_t sort(std::uint32_t byte) {
    const auto within = [&](char first, char last) {
      return byte >= static_cast<std::uint8_t>(first) && byte <= static_cast<std::uint8_t>(last);
    };
    return byte == 0                    ? 0U
           : byte == '_' || byte == ' ' ? 1U
           : within('a', 'z')           ? 2U
           : within('A', 'Z')           ? 3U
           : byte < ' '                 ? 4U
           : byte >= 0x80U              ? 5U
           : within('0', '9')           ? 6U
                                        : 7U;
  }

  [[nodiscard]] std::int32_t sum_of(const Features& features) const {
    std::int32_t sum = 0;
    for (std::uint32_t j = 0; j < features.count; ++j) {
      sum += weights_[features.all[j]];
    }
    return sum;
  }
  // 2^(exponent / 16) in 1/4096, between 1 and 2^24.
  [[nodiscard]] static std::uint32_t power_of_two(std::int32_t exponent) {
    constexpr std::array<std::uint16_t, 16> kPowers = {4096, 4277, 4467, 4664, 4871, 5087, 5312, 5547,
                                                       5793, 6049, 6317, 6597, 6889, 7194, 7512, 7845};
    const auto above = static_cast<std::uint32_t>(std::clamp<std::int32_t>(exponent, -192, 191) + 192);
    return std::uint32_t{kPowers[above % 16]} << (above / 16) >> 12U;
  }

  std::span<std::int8_t> weights_;
  Sought sought_;
  std::uint32_t here_ = 0;   // the halfword in front of sought.at, wherever it begins
  std::uint32_t start_ = 0;  // of what is around the places
  std::array<std::uint8_t, 2 * kMost + 4> around_{};
  std::array<std::uint32_t, kMost> likely_{};
};

}  // namespace ferry::packed
