// Bounded, zero-copy CBOR decoding (RFC 8949). Every view points into the input, which must outlive it.
//
// The default is the strict form that SUIT and Ferry's own files use (RFC 8949, 4.2.1 core deterministic encoding):
// definite lengths, shortest heads; indefinite length, simple values other than false/true/null, and floats in the
// strict mode are refused. Map order and duplicates are the map reader's affair: MapReader enforces them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry::cbor {

inline constexpr std::size_t kMaxDepth = 16;  // nesting that skip() accepts

[[nodiscard]] bool is_utf8(ByteView bytes);  // RFC 3629

enum class Type : std::uint8_t { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };

class Decoder {
 public:
  Decoder() = default;
  explicit Decoder(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] ByteView rest() const { return rest_; }

  // Looks without consuming. Errors of all: kCborTruncated, kCborMalformed, kCborNotCanonical; of the typed reads
  // also kCborWrongType. After an error the decoder stands where it stood.
  [[nodiscard]] Result<Type> peek() const;
  [[nodiscard]] Result<std::uint64_t> read_unsigned();
  [[nodiscard]] Result<std::int64_t> read_integer();  // major types 0 and 1; kOutOfRange past 63 bits
  [[nodiscard]] Result<ByteView> read_bytes();
  [[nodiscard]] Result<std::string_view> read_text();  // UTF-8 is checked
  [[nodiscard]] Result<std::size_t> read_array();      // number of items that follow
  [[nodiscard]] Result<std::size_t> read_map();        // number of pairs that follow
  [[nodiscard]] Result<std::uint64_t> read_tag();
  [[nodiscard]] Result<bool> read_bool();
  [[nodiscard]] Status read_null();
  [[nodiscard]] bool next_is_null() const;

  // Consumes one whole item and returns its bytes, head included. Errors: also kCborTooDeep.
  [[nodiscard]] Result<ByteView> read_item();
  // kCborTrailingData unless at the end.
  [[nodiscard]] Status expect_end() const;

 private:
  ByteView rest_;
};

// Walks a map whose keys are integers or text and enforces strictly ascending bytewise order of the encoded keys,
// hence no duplicates (kCborNotCanonical). After next() the value is read from the decoder by the caller.
class MapReader {
 public:
  // Reads the map's head from `decoder`, which must outlive this object.
  [[nodiscard]] static Result<MapReader> open(Decoder& decoder);
  // True when a key was read; false at the end of the map.
  [[nodiscard]] Result<bool> next();
  [[nodiscard]] bool key_is_text() const { return text_key_; }
  [[nodiscard]] std::int64_t key() const { return key_; }
  [[nodiscard]] std::string_view text_key() const { return text_; }

 private:
  Decoder* decoder_ = nullptr;
  std::size_t left_ = 0;
  ByteView last_key_;
  bool text_key_ = false;
  std::int64_t key_ = 0;
  std::string_view text_;
};

}  // namespace ferry::cbor
