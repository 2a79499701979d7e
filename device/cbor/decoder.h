// The reader for those who do not know what comes next: one item at a time, each with its own result, and after an
// error the decoder stands where it stood. Programs that explain files use it; the device reads with cbor/reader.h.
#pragma once

#include "device/cbor/reader.h"

namespace ferry::cbor {

class Decoder {
 public:
  Decoder() = default;
  explicit Decoder(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] ByteView rest() const { return rest_; }

  // As the reader's functions, with their errors.
  [[nodiscard]] Result<Type> peek() const;
  [[nodiscard]] Result<std::uint64_t> read_unsigned() { return read(&Reader::unsigned_integer); }
  [[nodiscard]] Result<std::int64_t> read_integer() { return read(&Reader::integer); }
  [[nodiscard]] Result<ByteView> read_bytes() { return read(&Reader::bytes); }
  [[nodiscard]] Result<std::string_view> read_text() { return read(&Reader::text); }
  [[nodiscard]] Result<std::size_t> read_array() { return read<std::size_t>(&Reader::array); }
  [[nodiscard]] Result<std::size_t> read_map() { return read(&Reader::map); }
  [[nodiscard]] Result<std::uint64_t> read_tag() { return read(&Reader::tag); }
  [[nodiscard]] Result<bool> read_bool() { return read(&Reader::boolean); }
  [[nodiscard]] Result<ByteView> read_item() { return read(&Reader::item); }
  [[nodiscard]] Status read_null();
  [[nodiscard]] bool next_is_null() const { return Reader(rest_).next_is_null(); }
  // kCborTrailingData unless at the end.
  [[nodiscard]] Status expect_end() const;

 private:
  template <typename T>
  Result<T> read(T (Reader::*function)()) {
    Reader reader(rest_);
    const T value = (reader.*function)();
    if (!reader.good()) {
      return fail(reader.status().error());
    }
    rest_ = reader.rest();
    return value;
  }

  ByteView rest_;
};

}  // namespace ferry::cbor
