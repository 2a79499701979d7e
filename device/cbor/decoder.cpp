#include "device/cbor/decoder.h"

#include <algorithm>
#include <array>

namespace ferry::cbor {
namespace {

struct Head {
  Type type;
  std::uint8_t info;    // additional information
  std::uint64_t value;  // the argument
  std::size_t size;     // bytes of the head
};

// Argument in the 1, 2, 4 or 8 bytes behind the first; must not fit into a shorter form.
Result<Head> read_long_head(ByteView bytes, Head head) {
  const std::size_t length = std::size_t{1} << (head.info - 24);
  if (bytes.size() < 1 + length) {
    return fail(Error::kCborTruncated);
  }
  for (std::size_t i = 1; i <= length; ++i) {
    head.value = (head.value << 8) | bytes[i];
  }
  head.size = 1 + length;
  const std::uint64_t smallest = length == 1 ? 24 : std::uint64_t{1} << (4 * length);
  if (head.type != Type::kSimple && head.value < smallest) {
    return fail(Error::kCborNotCanonical);
  }
  return head;
}

Status check_simple(const Head& head) {
  if (head.info >= 20 && head.info <= 22) {  // false, true, null
    return ok();
  }
  return fail(head.info == 24 && head.value < 32 ? Error::kCborMalformed : Error::kCborNotCanonical);
}

Result<Head> read_head(ByteView bytes) {
  if (bytes.empty()) {
    return fail(Error::kCborTruncated);
  }
  Head head{.type = static_cast<Type>(bytes[0] >> 5),
            .info = static_cast<std::uint8_t>(bytes[0] & 0x1FU),
            .value = static_cast<std::uint64_t>(bytes[0] & 0x1FU),
            .size = 1};
  if (head.info >= 28) {  // 28 to 30 are reserved; 31 is indefinite length, or the "break" that ends it
    const bool indefinite =
        head.info == 31 && head.type != Type::kUnsigned && head.type != Type::kNegative && head.type != Type::kTag;
    return fail(indefinite ? Error::kCborNotCanonical : Error::kCborMalformed);
  }
  if (head.info >= 24) {
    head.value = 0;
    FERRY_TRY_ASSIGN(head, read_long_head(bytes, head));
  }
  if (head.type == Type::kSimple) {
    FERRY_TRY(check_simple(head));
  }
  return head;
}

Result<Head> read_head_of(ByteView bytes, Type type) {
  FERRY_TRY_ASSIGN(const Head head, read_head(bytes));
  if (head.type != type) {
    return fail(Error::kCborWrongType);
  }
  return head;
}

Result<ByteView> content_of(ByteView bytes, const Head& head) {
  if (head.value > bytes.size() - head.size) {
    return fail(Error::kCborTruncated);
  }
  return bytes.subspan(head.size, static_cast<std::size_t>(head.value));
}

// Every item takes at least one byte, so a count past the rest of the input is never honest.
Result<std::size_t> count_of(ByteView bytes, const Head& head, std::uint64_t bytes_per_item) {
  if (head.value > (bytes.size() - head.size) / bytes_per_item) {
    return fail(Error::kCborTruncated);
  }
  return static_cast<std::size_t>(head.value);
}

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
  if (!std::all_of(bytes.begin() + 1, bytes.begin() + static_cast<std::ptrdiff_t>(length), continues)) {
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

namespace {

// Walks over items without recursion: `left` items are still to come at each open level.
class Skipper {
 public:
  explicit Skipper(ByteView bytes) : rest_(bytes) {}

  Result<std::size_t> run() {
    const std::size_t before = rest_.size();
    while (depth_ > 0) {
      FERRY_TRY(one());
      close_finished();
    }
    return before - rest_.size();
  }

 private:
  Status one() {
    FERRY_TRY_ASSIGN(const Head head, read_head(rest_));
    --left_[depth_ - 1];
    switch (head.type) {
      case Type::kBytes:
      case Type::kText: {
        FERRY_TRY_ASSIGN(const ByteView content, content_of(rest_, head));
        if (head.type == Type::kText && !is_utf8(content)) {
          return fail(Error::kCborMalformed);
        }
        rest_ = rest_.subspan(head.size + content.size());
        return ok();
      }
      case Type::kArray:
        return open(head, 1);
      case Type::kMap:
        return open(head, 2);
      case Type::kTag:
        return descend(head, 1);
      default:
        rest_ = rest_.subspan(head.size);
        return ok();
    }
  }

  Status open(const Head& head, std::uint64_t per_item) {
    FERRY_TRY_ASSIGN(const std::size_t count, count_of(rest_, head, per_item));
    return descend(head, count * static_cast<std::size_t>(per_item));
  }

  Status descend(const Head& head, std::size_t items) {
    if (depth_ > kMaxDepth) {
      return fail(Error::kCborTooDeep);
    }
    rest_ = rest_.subspan(head.size);
    left_[depth_++] = items;
    return ok();
  }

  void close_finished() {
    while (depth_ > 0 && left_[depth_ - 1] == 0) {
      --depth_;
    }
  }

  ByteView rest_;
  std::array<std::size_t, kMaxDepth + 1> left_{1};
  std::size_t depth_ = 1;
};

}  // namespace

Result<Type> Decoder::peek() const {
  FERRY_TRY_ASSIGN(const Head head, read_head(rest_));
  return head.type;
}

Result<std::uint64_t> Decoder::read_unsigned() {
  FERRY_TRY_ASSIGN(const Head head, read_head_of(rest_, Type::kUnsigned));
  rest_ = rest_.subspan(head.size);
  return head.value;
}

Result<std::int64_t> Decoder::read_integer() {
  FERRY_TRY_ASSIGN(const Head head, read_head(rest_));
  if (head.type != Type::kUnsigned && head.type != Type::kNegative) {
    return fail(Error::kCborWrongType);
  }
  if (head.value > INT64_MAX) {
    return fail(Error::kOutOfRange);
  }
  rest_ = rest_.subspan(head.size);
  const auto value = static_cast<std::int64_t>(head.value);
  return head.type == Type::kUnsigned ? value : -1 - value;
}

Result<ByteView> Decoder::read_bytes() {
  FERRY_TRY_ASSIGN(const Head head, read_head_of(rest_, Type::kBytes));
  FERRY_TRY_ASSIGN(const ByteView content, content_of(rest_, head));
  rest_ = rest_.subspan(head.size + content.size());
  return content;
}

Result<std::string_view> Decoder::read_text() {
  FERRY_TRY_ASSIGN(const Head head, read_head_of(rest_, Type::kText));
  FERRY_TRY_ASSIGN(const ByteView content, content_of(rest_, head));
  if (!is_utf8(content)) {
    return fail(Error::kCborMalformed);
  }
  rest_ = rest_.subspan(head.size + content.size());
  return as_text(content);
}

Result<std::size_t> Decoder::read_array() {
  FERRY_TRY_ASSIGN(const Head head, read_head_of(rest_, Type::kArray));
  FERRY_TRY_ASSIGN(const std::size_t count, count_of(rest_, head, 1));
  rest_ = rest_.subspan(head.size);
  return count;
}

Result<std::size_t> Decoder::read_map() {
  FERRY_TRY_ASSIGN(const Head head, read_head_of(rest_, Type::kMap));
  FERRY_TRY_ASSIGN(const std::size_t count, count_of(rest_, head, 2));
  rest_ = rest_.subspan(head.size);
  return count;
}

Result<std::uint64_t> Decoder::read_tag() {
  FERRY_TRY_ASSIGN(const Head head, read_head_of(rest_, Type::kTag));
  rest_ = rest_.subspan(head.size);
  return head.value;
}

Result<bool> Decoder::read_bool() {
  FERRY_TRY_ASSIGN(const Head head, read_head_of(rest_, Type::kSimple));
  if (head.info != 20 && head.info != 21) {
    return fail(Error::kCborWrongType);
  }
  rest_ = rest_.subspan(head.size);
  return head.info == 21;
}

Status Decoder::read_null() {
  FERRY_TRY_ASSIGN(const Head head, read_head_of(rest_, Type::kSimple));
  if (head.info != 22) {
    return fail(Error::kCborWrongType);
  }
  rest_ = rest_.subspan(head.size);
  return ok();
}

bool Decoder::next_is_null() const {
  return !rest_.empty() && rest_[0] == 0xF6;
}

Result<ByteView> Decoder::read_item() {
  FERRY_TRY_ASSIGN(const std::size_t size, Skipper(rest_).run());
  const ByteView item = rest_.first(size);
  rest_ = rest_.subspan(size);
  return item;
}

Status Decoder::expect_end() const {
  return rest_.empty() ? ok() : fail(Error::kCborTrailingData);
}

Result<MapReader> MapReader::open(Decoder& decoder) {
  MapReader reader;
  FERRY_TRY_ASSIGN(reader.left_, decoder.read_map());
  reader.decoder_ = &decoder;
  return reader;
}

Result<bool> MapReader::next() {
  if (left_ == 0) {
    return false;
  }
  const ByteView before = decoder_->rest();
  FERRY_TRY_ASSIGN(const Type type, decoder_->peek());
  text_key_ = type == Type::kText;
  if (text_key_) {
    FERRY_TRY_ASSIGN(text_, decoder_->read_text());
  } else {
    FERRY_TRY_ASSIGN(key_, decoder_->read_integer());
  }
  const ByteView key = before.first(before.size() - decoder_->rest().size());
  if (!last_key_.empty() && !std::lexicographical_compare(last_key_.begin(), last_key_.end(), key.begin(), key.end())) {
    return fail(Error::kCborNotCanonical);
  }
  last_key_ = key;
  --left_;
  return true;
}

}  // namespace ferry::cbor
