#include "device/cbor/reader.h"

#include <algorithm>
#include <array>

namespace ferry::cbor {
namespace {

// One character of UTF-8 (RFC 3629): its length, or 0 where it is malformed.
std::size_t character_length(ByteView bytes) {
  const std::uint8_t first = bytes[0];
  if (first < 0x80) {
    return 1;
  }
  const std::size_t length = first >= 0xF0 ? 4 : (first >= 0xE0 ? 3 : 2);
  if (first < 0xC2 || first > 0xF4 || bytes.size() < length) {
    return 0;
  }
  const auto continues = [](std::uint8_t byte) { return (byte & 0xC0U) == 0x80; };
  if (!std::ranges::all_of(bytes.first(length).subspan(1), continues)) {
    return 0;
  }
  const std::uint8_t second = bytes[1];  // overlong forms, surrogates, past U+10FFFF
  const bool bad = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                   (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return bad ? 0 : length;
}

}  // namespace

bool is_utf8(ByteView bytes) {
  while (!bytes.empty()) {
    const std::size_t length = character_length(bytes);
    if (length == 0) {
      return false;
    }
    bytes = bytes.subspan(length);
  }
  return true;
}

void Reader::stop(Error error) {
  if (good()) {
    error_ = error;
  }
  rest_ = {};
}

void Reader::require(bool condition, Error error) {
  if (!condition) {
    stop(error);
  }
}

// Head bytes: the type and additional information, then 0, 1, 2, 4 or 8 bytes of argument in the shortest form.
Reader::Head Reader::look() {
  Head head{.type = Type::kSimple, .info = 0, .size = 0, .value = 0};
  if (rest_.empty()) {
    stop(Error::kCborTruncated);
    return head;
  }
  head.type = static_cast<Type>(rest_[0] >> 5);
  head.info = rest_[0] & 0x1FU;
  const bool has_argument = head.info >= 24;
  const std::size_t length = has_argument ? std::size_t{1} << ((head.info - 24U) & 3U) : 0;
  const bool integral = head.type == Type::kUnsigned || head.type == Type::kNegative || head.type == Type::kTag;
  if (head.info >= 28) {  // 28 to 30 are reserved; 31 is indefinite length, or the "break" that ends it
    stop(head.info == 31 && !integral ? Error::kCborNotCanonical : Error::kCborMalformed);
    return head;
  }
  if (rest_.size() <= length) {
    stop(Error::kCborTruncated);
    return head;
  }
  head.value = has_argument ? 0 : head.info;
  for (std::size_t i = 1; i <= length; ++i) {
    head.value = (head.value << 8) | rest_[i];
  }
  if (head.type == Type::kSimple) {
    const bool known = head.info >= 20 && head.info <= 22;  // false, true, null
    require(known, head.info == 24 && head.value < 32 ? Error::kCborMalformed : Error::kCborNotCanonical);
  } else if (has_argument) {
    require(head.value >= (length == 1 ? 24 : std::uint64_t{1} << (4 * length)), Error::kCborNotCanonical);
  }
  head.size = good() ? static_cast<std::uint8_t>(1 + length) : 0;
  return head;
}

Reader::Head Reader::look_for(Type type) {
  Head head = look();
  require(head.type == type, Error::kCborWrongType);
  if (!good()) {
    head.value = head.size = 0;
  }
  return head;
}

Reader::Head Reader::take(Type type) {
  const Head head = look_for(type);
  drop(head.size);
  return head;
}

ByteView Reader::take_content(Type type) {
  const std::uint64_t size = take(type).value;
  require(size <= rest_.size(), Error::kCborTruncated);
  if (!good()) {
    return {};
  }
  const ByteView content = rest_.first(static_cast<std::size_t>(size));
  drop(content.size());
  return content;
}

// Every item takes at least one byte, so a count past the rest of the input is never honest.
std::size_t Reader::take_count(Type type, std::size_t bytes_per_item) {
  const std::uint64_t count = take(type).value;
  require(count <= rest_.size() / bytes_per_item, Error::kCborTruncated);
  return good() ? static_cast<std::size_t>(count) : 0;
}

std::uint64_t Reader::unsigned_integer() {
  return take(Type::kUnsigned).value;
}

std::int64_t Reader::integer() {
  const Type type = peek();
  const std::uint64_t value = take(type == Type::kNegative ? type : Type::kUnsigned).value;
  require(value <= INT64_MAX, Error::kOutOfRange);
  if (!good()) {
    return 0;
  }
  return type == Type::kNegative ? -1 - static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

ByteView Reader::bytes() {
  return take_content(Type::kBytes);
}

std::string_view Reader::text() {
  const ByteView content = take_content(Type::kText);
  require(is_utf8(content), Error::kCborMalformed);
  return good() ? as_text(content) : std::string_view();
}

std::size_t Reader::array() {
  return take_count(Type::kArray, 1);
}

std::size_t Reader::map() {
  return take_count(Type::kMap, 2);
}

std::uint64_t Reader::tag() {
  return take(Type::kTag).value;
}

bool Reader::boolean() {
  const Head head = take(Type::kSimple);
  require(head.info == 20 || head.info == 21, Error::kCborWrongType);
  return good() && head.info == 21;
}

void Reader::null() {
  require(take(Type::kSimple).info == 22, Error::kCborWrongType);
}

Type Reader::peek() {
  return look().type;
}

// What stands at the front: consumes it, without what is nested in it, and answers how many items that is.
std::size_t Reader::skip_one() {
  switch (const Type type = peek(); type) {
    case Type::kBytes:
      static_cast<void>(bytes());
      return 0;
    case Type::kText:
      static_cast<void>(text());
      return 0;
    case Type::kArray:
      return array();
    case Type::kMap:
      return 2 * map();
    case Type::kTag:
      static_cast<void>(tag());
      return 1;
    default:
      static_cast<void>(take(type));
      return 0;
  }
}

// Without recursion: `left` items are still to come at each open level.
ByteView Reader::item() {
  const ByteView before = rest_;
  std::array<std::size_t, kMaxDepth + 1> left{1};
  std::size_t depth = 1;
  while (depth > 0 && good()) {
    if (left[depth - 1] == 0) {
      --depth;
      continue;
    }
    --left[depth - 1];
    const Type type = peek();
    const std::size_t nested = skip_one();
    if (type == Type::kArray || type == Type::kMap || type == Type::kTag) {
      require(depth <= kMaxDepth, Error::kCborTooDeep);
      if (good()) {
        left[depth++] = nested;
      }
    }
  }
  return good() ? before.first(before.size() - rest_.size()) : ByteView();
}

void Reader::array(std::size_t items) {
  require(array() == items, Error::kCborMalformed);
}

void Reader::end() {
  require(rest_.empty(), Error::kCborTrailingData);
}

void Reader::end(Reader& inner) {
  inner.end();
  require(inner.good(), inner.error_);
}

bool MapReader::next() {
  if (left_ == 0 || !reader_.good()) {
    return false;
  }
  const ByteView before = reader_.rest();
  text_key_ = reader_.peek() == Type::kText;
  if (text_key_) {
    text_ = reader_.text();
  } else {
    key_ = reader_.integer();
  }
  const ByteView key = before.first(before.size() - reader_.rest().size());
  reader_.require(
      last_key_.empty() || std::lexicographical_compare(last_key_.begin(), last_key_.end(), key.begin(), key.end()),
      Error::kCborNotCanonical);
  last_key_ = key;
  --left_;
  return reader_.good();
}

}  // namespace ferry::cbor
