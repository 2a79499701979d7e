#include "host/diagnostic.h"

#include "device/cbor/decoder.h"
#include "host/bytes.h"
#include "host/failure.h"

namespace ferry::host {
namespace {

using cbor::Decoder;
using cbor::Type;

class Printer {
 public:
  explicit Printer(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // False where the bytes do not decode; what was printed so far stays.
  bool item(Decoder& in, std::size_t depth) {
    const auto type = in.peek();
    if (!type || depth > cbor::kMaxDepth) {
      return false;
    }
    switch (*type) {
      case Type::kUnsigned:
        return print(in.read_unsigned());
      case Type::kNegative:
        return print(in.read_integer());
      case Type::kBytes:
        return bytes(in, depth);
      case Type::kText:
        return text(in);
      case Type::kArray:
        return items(in.read_array(), in, depth);
      case Type::kMap:
        return pairs(in.read_map(), in, depth);
      case Type::kTag:
        return tag(in, depth);
      case Type::kSimple:
        return simple(in);
    }
    return false;
  }
  std::string take() { return std::move(out_); }
  void unread(ByteView rest) {
    out_ += "!";
    hex(rest);
  }

 private:
  template <typename ResultOfNumber>
  bool print(const ResultOfNumber& number) {
    if (number) {
      out_ += fmt::format("{}", *number);
    }
    return number.has_value();
  }

  void hex(ByteView bytes) {
    const bool cut = bytes.size() > max_bytes_;
    out_ += fmt::format("h'{}{}'", to_hex(cut ? bytes.first(max_bytes_) : bytes), cut ? "..." : "");
  }

  bool bytes(Decoder& in, std::size_t depth) {
    const auto content = in.read_bytes();
    if (!content) {
      return false;
    }
    if (holds_item(*content)) {
      Printer inner(max_bytes_);
      Decoder decoder(*content);
      if (inner.item(decoder, depth + 1)) {
        out_ += "<<" + inner.take() + ">>";
        return true;
      }
    }
    hex(*content);
    return true;
  }

  static bool holds_item(ByteView content) {
    constexpr std::uint8_t kFirstArray = 0x80;
    constexpr std::uint8_t kFirstSimple = 0xE0;
    if (content.size() < 2 || content[0] < kFirstArray || content[0] >= kFirstSimple) {
      return false;
    }
    Decoder decoder(content);
    return decoder.read_item().has_value() && decoder.at_end();
  }

  bool text(Decoder& in) {
    const auto text = in.read_text();
    if (text) {
      out_ += fmt::format("\"{}\"", *text);
    }
    return text.has_value();
  }

  bool items(const Result<std::size_t>& count, Decoder& in, std::size_t depth) {
    if (!count) {
      return false;
    }
    out_ += "[";
    for (std::size_t i = 0; i < *count; ++i) {
      out_ += i > 0 ? ", " : "";
      if (!item(in, depth + 1)) {
        return false;
      }
    }
    out_ += "]";
    return true;
  }

  bool pairs(const Result<std::size_t>& count, Decoder& in, std::size_t depth) {
    if (!count) {
      return false;
    }
    out_ += "{";
    for (std::size_t i = 0; i < *count; ++i) {
      out_ += i > 0 ? ", " : "";
      if (!item(in, depth + 1)) {
        return false;
      }
      out_ += ": ";
      if (!item(in, depth + 1)) {
        return false;
      }
    }
    out_ += "}";
    return true;
  }

  bool tag(Decoder& in, std::size_t depth) {
    const auto number = in.read_tag();
    if (!number) {
      return false;
    }
    out_ += fmt::format("{}(", *number);
    const bool good = item(in, depth + 1);
    out_ += ")";
    return good;
  }

  bool simple(Decoder& in) {
    if (in.read_null()) {
      out_ += "null";
      return true;
    }
    const auto value = in.read_bool();
    if (value) {
      out_ += *value ? "true" : "false";
    }
    return value.has_value();
  }

  std::size_t max_bytes_;
  std::string out_;
};

}  // namespace

std::string diagnose(ByteView cbor, std::size_t max_bytes) {
  Printer printer(max_bytes);
  Decoder decoder(cbor);
  const bool good = printer.item(decoder, 0);
  if (!good || !decoder.at_end()) {
    printer.unread(decoder.rest());
  }
  return printer.take();
}

}  // namespace ferry::host
