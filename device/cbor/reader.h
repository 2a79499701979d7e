// Bounded, zero-copy CBOR decoding (RFC 8949) of a known shape: read the values one behind the other, and ask once, at
// the end, whether all of them were there. Every view points into the input, which must outlive it.
//
// The strict form that SUIT and Ferry's own files use (RFC 8949, 4.2.1 core deterministic encoding): definite lengths,
// shortest heads; indefinite length, floats and simple values other than false/true/null are refused.
//
// The first error is remembered; from there on every read answers nothing (0, an empty view, false) and consumes
// nothing. So a loop over a count that was read always ends, and a value may be used before the status is asked as long
// as nothing comes of it. Errors: kCborTruncated, kCborMalformed, kCborNotCanonical, kCborWrongType, kOutOfRange (an
// integer past 63 bits), kCborTooDeep (item), kCborTrailingData (end), and what require() is told.
#pragma once

#include <cstdint>
#include <string_view>

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry::cbor {

inline constexpr std::size_t kMaxDepth = 16;  // nesting that item() accepts

[[nodiscard]] bool is_utf8(ByteView bytes);  // RFC 3629

enum class Type : std::uint8_t { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };

class Reader {
 public:
  Reader() = default;
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] std::uint64_t unsigned_integer();
  [[nodiscard]] std::int64_t integer();   // major types 0 and 1
  [[nodiscard]] ByteView bytes();         // data() is never null where there was a byte string
  [[nodiscard]] std::string_view text();  // UTF-8 is checked
  [[nodiscard]] std::size_t array();      // number of items that follow; at most as many as bytes are left
  [[nodiscard]] std::size_t map();        // number of pairs that follow; likewise
  [[nodiscard]] std::uint64_t tag();
  [[nodiscard]] bool boolean();
  void null();
  // One whole item, head included.
  [[nodiscard]] ByteView item();

  // Looks without consuming; an error where there is no item.
  [[nodiscard]] Type peek();
  [[nodiscard]] bool next_is_null() const { return !rest_.empty() && rest_[0] == 0xF6; }

  void array(std::size_t items);  // exactly so many
  void require(bool condition, Error error);
  // Everything must have been read, here and in `inner`, a reader of a part of this one's input.
  void end();
  void end(Reader& inner);

  [[nodiscard]] bool good() const { return error_ == Error{}; }
  [[nodiscard]] Status status() const { return good() ? ok() : Status(fail(error_)); }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] ByteView rest() const { return rest_; }

 private:
  struct Head {
    Type type;
    std::uint8_t info;    // additional information
    std::uint8_t size;    // bytes of the head; 0 after an error
    std::uint64_t value;  // the argument
  };

  void stop(Error error);
  [[nodiscard]] Head look();
  [[nodiscard]] Head look_for(Type type);
  [[nodiscard]] Head take(Type type);
  [[nodiscard]] ByteView take_content(Type type);
  [[nodiscard]] std::size_t take_count(Type type, std::size_t bytes_per_item);
  [[nodiscard]] std::size_t skip_one();
  void drop(std::size_t size) { rest_ = rest_.subspan(size); }

  ByteView rest_;
  Error error_{};
};

// Walks a map whose keys are integers or text and enforces strictly ascending bytewise order of the encoded keys,
// hence no duplicates (kCborNotCanonical):  for (MapReader map(reader); map.next();) { ... one value of `reader` ... }
class MapReader {
 public:
  // Reads the map's head from `reader`, which must outlive this object.
  explicit MapReader(Reader& reader) : reader_(reader), left_(reader.map()) {}
  // True when a key was read; false at the end of the map, and after an error.
  [[nodiscard]] bool next();
  [[nodiscard]] bool key_is_text() const { return text_key_; }
  [[nodiscard]] std::int64_t key() const { return key_; }
  [[nodiscard]] std::string_view text_key() const { return text_; }

 private:
  Reader& reader_;
  std::size_t left_;
  ByteView last_key_;
  bool text_key_ = false;
  std::int64_t key_ = 0;
  std::string_view text_;
};

}  // namespace ferry::cbor
