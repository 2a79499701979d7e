// The arithmetic encoder, the counterpart of device/coding/bit_decoder.h.
#pragma once

#include <cmath>

#include "device/coding/bit_decoder.h"
#include "host/bytes.h"

namespace ferry::host::coding {

class BitEncoder {
 public:
  // Codes `bit`, which has that `probability` of being 1, and returns it.
  [[nodiscard]] bool code(bool bit, std::uint32_t probability) {
    interval_.take(bit, interval_.split(probability));
    bits_ -= std::log2((bit ? probability : 65536.0 - probability) / 65536.0);
    while (interval_.settled()) {
      put(interval_.high);
      interval_.shift();
    }
    return bit;
  }
  // Everything coded, with as few bytes at the end as tell the last interval.
  [[nodiscard]] Bytes finish() {
    const std::uint32_t tail = interval_.tail();
    const std::uint64_t mask = 0xFFFFFFFFULL >> (8 * tail);
    auto number = static_cast<std::uint32_t>((interval_.low + mask) & ~mask);
    for (std::uint32_t i = 0; i < tail; ++i, number <<= 8U) {
      put(number);
    }
    return std::move(bytes_);
  }
  // What everything coded takes, exactly.
  [[nodiscard]] double bits() const { return bits_; }

 private:
  void put(std::uint32_t number) { bytes_.push_back(static_cast<std::uint8_t>(number >> 24U)); }

  Bytes bytes_;
  double bits_ = 0;
  ferry::coding::Interval interval_;
};

}  // namespace ferry::host::coding
