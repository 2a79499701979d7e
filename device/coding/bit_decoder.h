// The arithmetic decoder: bits out of bytes, each with the probability that the model gave it.
#pragma once

#include "device/coding/byte_reader.h"

namespace ferry::coding {

// Where both coders stand: the code is a number in [low, high].
struct Interval {
  std::uint32_t low = 0;
  std::uint32_t high = 0xFFFFFFFF;

  // The part of a bit. `probability` of a 1, in 1/65536, from 1 to 65535.
  [[nodiscard]] std::uint32_t split(std::uint32_t probability) const {
    return low + static_cast<std::uint32_t>(static_cast<std::uint64_t>(high - low) * probability >> 16U);
  }
  void take(bool bit, std::uint32_t middle) {
    if (bit) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  [[nodiscard]] bool settled() const { return ((low ^ high) & 0xFF000000U) == 0; }  // its first byte is known
  void shift() {
    low <<= 8U;
    high = high << 8U | 0xFFU;
  }
  // With so many bytes, and zeros behind them, a number in the interval can be written; the smallest such one is
  // (low + mask) & ~mask. 0 where nothing needs to be written.
  [[nodiscard]] std::uint32_t tail() const {
    std::uint32_t bytes = 0;
    for (std::uint32_t mask = 0xFFFFFFFF; mask != 0 && !fits(mask); mask >>= 8U) {
      ++bytes;
    }
    return bytes;
  }

 private:
  [[nodiscard]] bool fits(std::uint32_t mask) const {
    const std::uint64_t number = (std::uint64_t{low} + mask) & ~std::uint64_t{mask};
    return number <= high;
  }
};

class BitDecoder {
 public:
  explicit BitDecoder(ByteReader& source) : source_(source) {
    for (int i = 0; i < 4; ++i) {
      value_ = value_ << 8U | source_.next();
    }
  }
  // The next bit; the first argument is for the encoder, which has the same face.
  [[nodiscard]] bool code(bool /*bit*/, std::uint32_t probability) {
    const std::uint32_t middle = interval_.split(probability);
    const bool bit = value_ <= middle;
    interval_.take(bit, middle);
    while (interval_.settled()) {
      interval_.shift();
      value_ = value_ << 8U | source_.next();
      ++shifted_;
    }
    return bit;
  }
  // How many bytes the encoder has written for all this.
  [[nodiscard]] std::uint32_t coded_bytes() const { return shifted_ + interval_.tail(); }

 private:
  ByteReader& source_;
  Interval interval_;
  std::uint32_t value_ = 0;
  std::uint32_t shifted_ = 0;
};

}  // namespace ferry::coding
