// CBOR encoding into a caller's buffer, shortest heads (RFC 8949, 4.2.1). The caller writes map keys in order.
//
// Errors stick: after the first one every call is a no-op and finish() reports it, so a message is written without
// a check per line.
#pragma once

#include <cstdint>
#include <string_view>

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry::cbor {

class Encoder {
 public:
  explicit Encoder(ByteSpan buffer) : buffer_(buffer) {}

  Encoder& unsigned_integer(std::uint64_t value);
  Encoder& integer(std::int64_t value);
  Encoder& bytes(ByteView value);
  Encoder& text(std::string_view value);
  Encoder& array(std::size_t items);
  Encoder& map(std::size_t pairs);
  Encoder& tag(std::uint64_t value);
  Encoder& boolean(bool value);
  Encoder& null();
  Encoder& float64(double value);       // always 8 bytes; SenML values
  Encoder& raw(ByteView encoded_item);  // already encoded
  // The head of a byte string of `length` bytes that the caller appends with raw().
  Encoder& bytes_head(std::size_t length);

  [[nodiscard]] std::size_t size() const { return size_; }
  // The bytes written so far, or kNoSpace.
  [[nodiscard]] Result<ByteView> finish() const;

 private:
  void head(std::uint8_t major, std::uint64_t value);
  void append(ByteView bytes);

  ByteSpan buffer_;
  std::size_t size_ = 0;
  bool overflow_ = false;
};

}  // namespace ferry::cbor
