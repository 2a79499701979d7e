// Reads the CBOR that device/cbor refuses by design and SenML allows: floats, heads that are not the shortest, arrays
// and maps of indefinite length, decimal fractions (RFC 8949). Strings are of definite length. Bounded: no recursion
// but into skip(), which stops at kMaxSkipDepth.
#pragma once

#include <optional>
#include <string>

#include "device/base/bytes.h"

namespace ferry::hub {

class CborCursor {
 public:
  static constexpr int kMaxSkipDepth = 8;
  // Number of entries, unless the length is indefinite.
  struct Length {
    std::uint64_t count = 0;
    bool indefinite = false;
  };

  explicit CborCursor(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  // Each reads one item of its kind whole, or nothing where the next one is none; then the cursor is of no more use.
  [[nodiscard]] std::optional<Length> array() { return container(4); }
  [[nodiscard]] std::optional<Length> map() { return container(5); }
  [[nodiscard]] std::optional<std::int64_t> integer();
  [[nodiscard]] std::optional<double> number();  // integer, float or decimal fraction (tag 4)
  [[nodiscard]] std::optional<bool> boolean();
  [[nodiscard]] std::optional<std::string> text();  // UTF-8 without NUL
  [[nodiscard]] std::optional<ByteView> bytes();
  [[nodiscard]] bool next_is_text() const { return !rest_.empty() && rest_[0] >> 5 == 3; }
  [[nodiscard]] bool skip(int depth = 0);
  // Whether another entry follows; counts down `length`, or consumes the break.
  [[nodiscard]] bool more(Length& length);

 private:
  struct Head {
    std::uint8_t major = 0;
    std::uint8_t info = 0;
    std::uint64_t argument = 0;
  };
  [[nodiscard]] std::optional<Head> head();
  [[nodiscard]] std::optional<Length> container(std::uint8_t major);
  [[nodiscard]] std::optional<ByteView> take(std::uint64_t size);
  [[nodiscard]] std::optional<double> decimal_fraction();
  [[nodiscard]] bool skip_entries(Length length, int items, int depth);

  ByteView rest_;
};

}  // namespace ferry::hub
