#include "servers/hub/cbor_cursor.h"

#include <bit>
#include <cmath>

#include "device/cbor/decoder.h"

namespace ferry::hub {
namespace {

constexpr std::uint8_t kIndefinite = 31;

// RFC 8949, appendix D
double from_half(std::uint64_t half) {
  const int exponent = static_cast<int>(half >> 10 & 0x1F);
  const auto mantissa = static_cast<double>(half & 0x3FF);
  double value = exponent == 31 ? (mantissa == 0 ? INFINITY : NAN) : std::ldexp(mantissa + 1024, exponent - 25);
  if (exponent == 0) {
    value = std::ldexp(mantissa, -24);
  }
  return (half & 0x8000) != 0 ? -value : value;
}

}  // namespace

std::optional<ByteView> CborCursor::take(std::uint64_t size) {
  if (size > rest_.size()) {
    return std::nullopt;
  }
  const ByteView taken = rest_.first(static_cast<std::size_t>(size));
  rest_ = rest_.subspan(static_cast<std::size_t>(size));
  return taken;
}

std::optional<CborCursor::Head> CborCursor::head() {
  const auto initial = take(1);
  if (!initial) {
    return std::nullopt;
  }
  Head head{.major = static_cast<std::uint8_t>((*initial)[0] >> 5),
            .info = static_cast<std::uint8_t>((*initial)[0] & 0x1F)};
  if (head.info < 24 || head.info == kIndefinite) {
    head.argument = head.info;
    return head;
  }
  if (head.info > 27) {
    return std::nullopt;
  }
  const auto argument = take(std::uint64_t{1} << (head.info - 24));
  if (!argument) {
    return std::nullopt;
  }
  for (const std::uint8_t byte : *argument) {
    head.argument = head.argument << 8 | byte;
  }
  return head;
}

std::optional<CborCursor::Length> CborCursor::container(std::uint8_t major) {
  const auto head = this->head();
  if (!head || head->major != major) {
    return std::nullopt;
  }
  return Length{.count = head->argument, .indefinite = head->info == kIndefinite};
}

bool CborCursor::more(Length& length) {
  if (!length.indefinite) {
    return length.count-- > 0;
  }
  if (rest_.empty() || rest_[0] != 0xFF) {
    return true;  // at the end of the bytes the entry's own read fails
  }
  rest_ = rest_.subspan(1);
  return false;
}

std::optional<std::int64_t> CborCursor::integer() {
  const auto head = this->head();
  if (!head || head->major > 1 || head->info == kIndefinite || head->argument > INT64_MAX) {
    return std::nullopt;
  }
  const auto value = static_cast<std::int64_t>(head->argument);
  return head->major == 0 ? value : -1 - value;
}

std::optional<double> CborCursor::decimal_fraction() {
  const auto parts = array();
  if (!parts || parts->indefinite || parts->count != 2) {
    return std::nullopt;
  }
  const auto exponent = integer();
  const auto mantissa = exponent ? integer() : std::nullopt;
  if (!mantissa) {
    return std::nullopt;
  }
  // Small powers of ten are exact, their inverses are not.
  const double power = std::pow(10.0, std::abs(static_cast<double>(*exponent)));
  return *exponent < 0 ? static_cast<double>(*mantissa) / power : static_cast<double>(*mantissa) * power;
}

std::optional<double> CborCursor::number() {
  const auto head = this->head();
  if (!head || (head->info == kIndefinite && head->major != 6)) {
    return std::nullopt;
  }
  switch (head->major) {
    case 0:
      return static_cast<double>(head->argument);
    case 1:
      return -1 - static_cast<double>(head->argument);
    case 6:
      return head->argument == 4 ? decimal_fraction() : std::nullopt;
    case 7:
      break;
    default:
      return std::nullopt;
  }
  switch (head->info) {
    case 25:
      return from_half(head->argument);
    case 26:
      return std::bit_cast<float>(static_cast<std::uint32_t>(head->argument));
    case 27:
      return std::bit_cast<double>(head->argument);
    default:
      return std::nullopt;
  }
}

std::optional<bool> CborCursor::boolean() {
  const auto byte = take(1);
  if (!byte || ((*byte)[0] != 0xF4 && (*byte)[0] != 0xF5)) {
    return std::nullopt;
  }
  return (*byte)[0] == 0xF5;
}

std::optional<std::string> CborCursor::text() {
  const auto head = this->head();
  if (!head || head->major != 3 || head->info == kIndefinite) {
    return std::nullopt;
  }
  const auto content = take(head->argument);
  if (!content || !cbor::is_utf8(*content) || as_text(*content).find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  return std::string(as_text(*content));
}

std::optional<ByteView> CborCursor::bytes() {
  const auto head = this->head();
  return head && head->major == 2 && head->info != kIndefinite ? take(head->argument) : std::nullopt;
}

bool CborCursor::skip_entries(Length length, int items, int depth) {
  while (more(length)) {
    for (int i = 0; i < items; ++i) {
      if (!skip(depth + 1)) {
        return false;
      }
    }
  }
  return true;
}

bool CborCursor::skip(int depth) {
  const auto head = this->head();
  if (!head || depth > kMaxSkipDepth) {
    return false;
  }
  const bool indefinite = head->info == kIndefinite;
  switch (head->major) {
    case 2:
    case 3:
      return !indefinite && take(head->argument).has_value();
    case 4:
      return skip_entries({head->argument, indefinite}, 1, depth);
    case 5:
      return skip_entries({head->argument, indefinite}, 2, depth);
    case 6:
      return !indefinite && skip(depth + 1);
    default:
      return !indefinite;
  }
}

}  // namespace ferry::hub
