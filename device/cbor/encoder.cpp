#include "device/cbor/encoder.h"

#include <array>
#include <bit>

namespace ferry::cbor {
namespace {

constexpr std::uint8_t kUnsigned = 0;
constexpr std::uint8_t kNegative = 1;
constexpr std::uint8_t kBytes = 2;
constexpr std::uint8_t kText = 3;
constexpr std::uint8_t kArray = 4;
constexpr std::uint8_t kMap = 5;
constexpr std::uint8_t kTag = 6;
constexpr std::array<std::uint8_t, 1> kFalse = {0xF4};
constexpr std::array<std::uint8_t, 1> kTrue = {0xF5};
constexpr std::array<std::uint8_t, 1> kNull = {0xF6};
constexpr std::uint8_t kFloat64 = 0xFB;

// Additional information 24 + n says that the argument stands in the 2^n bytes that follow.
std::size_t log2_of_argument_size(std::uint64_t value) {
  if (value <= UINT8_MAX) {
    return 0;
  }
  if (value <= UINT16_MAX) {
    return 1;
  }
  return value <= UINT32_MAX ? 2 : 3;
}

}  // namespace

Encoder& Encoder::unsigned_integer(std::uint64_t value) {
  head(kUnsigned, value);
  return *this;
}

Encoder& Encoder::integer(std::int64_t value) {
  if (value >= 0) {
    head(kUnsigned, static_cast<std::uint64_t>(value));
  } else {
    head(kNegative, ~static_cast<std::uint64_t>(value));
  }
  return *this;
}

Encoder& Encoder::bytes(ByteView value) {
  head(kBytes, value.size());
  append(value);
  return *this;
}

Encoder& Encoder::text(std::string_view value) {
  head(kText, value.size());
  append(as_bytes(value));
  return *this;
}

Encoder& Encoder::array(std::size_t items) {
  head(kArray, items);
  return *this;
}

Encoder& Encoder::map(std::size_t pairs) {
  head(kMap, pairs);
  return *this;
}

Encoder& Encoder::tag(std::uint64_t value) {
  head(kTag, value);
  return *this;
}

Encoder& Encoder::boolean(bool value) {
  append(value ? kTrue : kFalse);
  return *this;
}

Encoder& Encoder::null() {
  append(kNull);
  return *this;
}

Encoder& Encoder::float64(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  std::array<std::uint8_t, 9> encoded{kFloat64};
  for (std::size_t i = 0; i < 8; ++i) {
    encoded[8 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
  }
  append(encoded);
  return *this;
}

Encoder& Encoder::raw(ByteView encoded_item) {
  append(encoded_item);
  return *this;
}

Encoder& Encoder::bytes_head(std::size_t length) {
  head(kBytes, length);
  return *this;
}

Result<ByteView> Encoder::finish() const {
  if (overflow_) {
    return fail(Error::kNoSpace);
  }
  return ByteView(buffer_.first(size_));
}

void Encoder::head(std::uint8_t major, std::uint64_t value) {
  std::array<std::uint8_t, 9> encoded{};
  const auto type = static_cast<std::uint8_t>(major << 5);
  if (value < 24) {
    encoded[0] = static_cast<std::uint8_t>(type | value);
    return append(ByteView(encoded).first(1));
  }
  const std::size_t log2 = log2_of_argument_size(value);
  const std::size_t length = std::size_t{1} << log2;
  encoded[0] = static_cast<std::uint8_t>(type | (24 + log2));
  for (std::size_t i = 0; i < length; ++i) {
    encoded[length - i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  append(ByteView(encoded).first(length + 1));
}

void Encoder::append(ByteView bytes) {
  if (overflow_ || bytes.size() > buffer_.size() - size_) {
    overflow_ = true;
    return;
  }
  size_ += copy(bytes, buffer_.subspan(size_));
}

}  // namespace ferry::cbor
