// Where in an image the coder stands, and what the bytes in front of it say about the next ones: Thumb instructions and
// their literals, as far as can be told from a distance. A wrong guess costs bits, never correctness.
#pragma once

#include <algorithm>
#include <cstdint>

namespace ferry::packed {

// Of a halfword at an even place.
enum class HalfKind : std::uint8_t { kFirst = 0, kSecond = 1, kLiteralLow = 2, kLiteralHigh = 3 };

class Place {
 public:
  [[nodiscard]] std::uint32_t at() const { return at_; }
  // The byte `back` in front, 1 to 8; 0 in front of the image.
  [[nodiscard]] std::uint32_t byte(unsigned back) const {
    return static_cast<std::uint32_t>(recent_ >> (8 * (back - 1)) & 0xFFU);
  }
  // The halfword `back` in front, 1 to 3, of those that begin at even places.
  [[nodiscard]] std::uint32_t half(unsigned back) const {
    const unsigned from = 2 * back - 1 + (at_ & 1U);
    return byte(from + 1) | byte(from) << 8U;
  }
  // Of the halfword that begins here, or began one byte in front.
  [[nodiscard]] HalfKind kind() const {
    if (in_literals(at_ & ~1U)) {
      return (at_ & 2U) != 0 ? HalfKind::kLiteralHigh : HalfKind::kLiteralLow;
    }
    return second_ ? HalfKind::kSecond : HalfKind::kFirst;
  }
  // Operands of a load from literals that begins here: of the next literal, and of that of the load before.
  [[nodiscard]] std::uint32_t next_load() const {
    const std::uint32_t next = literals_ && last_literal_ >= at_ ? last_literal_ + 4 : at_ + 64;
    return (next - load_base(at_)) / 4 & 0xFFU;
  }
  [[nodiscard]] std::uint32_t same_load() const { return (loaded_ - load_base(at_)) / 4 & 0xFFU; }

  void take(std::uint8_t byte) {
    recent_ = recent_ << 8U | byte;
    ++at_;
    if ((at_ & 1U) == 0) {
      take_half();
    }
  }

 private:
  [[nodiscard]] static std::uint32_t load_base(std::uint32_t at) { return (at + 4) & ~3U; }
  [[nodiscard]] bool in_literals(std::uint32_t at) const {
    return literals_ && at >= first_literal_ && at < last_literal_ + 4;
  }

  void take_half() {
    const std::uint32_t at = at_ - 2;
    if (in_literals(at)) {
      second_ = false;
      return;
    }
    literals_ = literals_ && at < last_literal_ + 4;
    const std::uint32_t half = this->half(1);
    const bool begins = !second_;
    second_ = begins && half >= 0xE800U;
    if (begins && half >> 11U == 9) {  // LDR Rt, [PC, #operand]
      loaded_ = load_base(at) + (half & 0xFFU) * 4;
      first_literal_ = literals_ ? std::min(first_literal_, loaded_) : loaded_;
      last_literal_ = literals_ ? std::max(last_literal_, loaded_) : loaded_;
      literals_ = true;
    }
  }

  std::uint64_t recent_ = 0;
  std::uint32_t at_ = 0;
  std::uint32_t loaded_ = 0;         // by the load before
  std::uint32_t first_literal_ = 0;  // of those that the loads in front of them name
  std::uint32_t last_literal_ = 0;
  bool literals_ = false;
  bool second_ = false;  // the next halfword is an instruction's second one
};

}  // namespace ferry::packed
