#include "host/text.h"

#include <array>
#include <charconv>
#include <ctime>

#include "host/bytes.h"
#include "host/failure.h"

namespace ferry::host {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr int kMinutesOfDay = 24 * 60;

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

// "01:00" to minutes.
std::optional<int> parse_clock(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') {
    return std::nullopt;
  }
  const auto hours = parse_number<unsigned>(text.substr(0, 2));
  const auto minutes = parse_number<unsigned>(text.substr(3));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  return static_cast<int>(*hours * 60 + *minutes);
}

std::optional<std::int64_t> unit_seconds(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86400;
    case 'w':
      return 7 * 86400;
    default:
      return std::nullopt;
  }
}

std::size_t day_index(std::string_view day, std::string_view whole) {
  for (std::size_t i = 0; i < kDays.size(); ++i) {
    if (kDays[i] == day) {
      return i;
    }
  }
  throw Failure("'{}' are no days; write them as mon,wed,fri or mon-fri or daily", whole);
}

std::string unescape(std::string_view text, std::string_view url) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain.push_back(text[i]);
      continue;
    }
    const auto byte = from_hex(text.substr(i + 1, 2));
    if (!byte || byte->empty() || byte->front() < 0x20) {
      throw Failure("'{}': a '%' is followed by two hexadecimal digits", url);
    }
    plain.push_back(static_cast<char>(byte->front()));
    i += 2;
  }
  return plain;
}

// Splits "host:port", "[v6]:port", "host".
void parse_authority(std::string_view text, std::string_view whole, Url& url) {
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) {
    throw Failure("'{}': the '[' has no ']'", whole);
  }
  const std::size_t colon = text.find(':', bracket);
  url.host = bracket != 0 ? text.substr(1, bracket - 1) : text.substr(0, colon);
  if (url.host.empty()) {
    throw Failure("'{}' names no host; write it as {}://host:port", whole, url.scheme);
  }
  if (colon == std::string_view::npos) {
    return;
  }
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!port || *port == 0) {
    throw Failure("'{}': the port is a number from 1 to 65535", whole);
  }
  url.port = *port;
}

}  // namespace

std::chrono::seconds parse_length(std::string_view text) {
  const auto number = text.empty() ? std::nullopt : parse_number<std::int64_t>(text.substr(0, text.size() - 1));
  const auto unit = text.empty() ? std::nullopt : unit_seconds(text.back());
  constexpr std::int64_t kMax = std::int64_t{100} * 366 * 86400;
  if (!number || !unit || *number <= 0 || *number > kMax / *unit) {
    throw Failure("'{}' is no length of time; write it as 90d, 36h, 15m or 30s", text);
  }
  return std::chrono::seconds(*number * *unit);
}

void parse_window(std::string_view text, WindowSettings& window) {
  const std::size_t plus = text.find('+');
  const auto start = parse_clock(text.substr(0, plus));
  if (plus == std::string_view::npos || !start) {
    throw Failure("'{}' is no window; write it as 01:00+4h", text);
  }
  const auto length = parse_length(text.substr(plus + 1));
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(length).count();
  if (minutes < 1 || minutes > kMinutesOfDay) {
    throw Failure("'{}': a window is one minute to one day long", text);
  }
  window.start_minute = static_cast<std::uint16_t>(*start);
  window.length_minutes = static_cast<std::uint16_t>(minutes);
}

std::int16_t parse_zone(std::string_view text) {
  if (text == "Z" || text == "z") {
    return 0;
  }
  const auto minutes = text.empty() ? std::nullopt : parse_clock(text.substr(1));
  constexpr int kMaxZone = 14 * 60;
  if (!minutes || *minutes > kMaxZone || (text.front() != '+' && text.front() != '-')) {
    throw Failure("'{}' is no time zone; write it as +08:00", text);
  }
  return static_cast<std::int16_t>(text.front() == '-' ? -*minutes : *minutes);
}

std::uint8_t parse_days(std::string_view text) {
  if (text == "daily") {
    return 0x7F;
  }
  unsigned days = 0;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view item = rest.substr(0, comma);
    const std::size_t dash = item.find('-');
    const std::size_t first = day_index(item.substr(0, dash), text);
    const std::size_t last = dash == std::string_view::npos ? first : day_index(item.substr(dash + 1), text);
    for (std::size_t day = first;; day = (day + 1) % kDays.size()) {
      days |= 1U << day;
      if (day == last) {
        break;
      }
    }
    if (comma == std::string_view::npos) {
      return static_cast<std::uint8_t>(days);
    }
    rest.remove_prefix(comma + 1);
  }
}

std::string format_days(std::uint8_t days) {
  if ((days & 0x7F) == 0x7F) {
    return "daily";
  }
  std::string text;
  for (std::size_t i = 0; i < kDays.size(); ++i) {
    if (((days >> i) & 1) != 0) {
      text += (text.empty() ? "" : ",") + std::string(kDays[i]);
    }
  }
  return text;
}

std::string format_time(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  std::array<char, 40> buffer{};
  if (gmtime_r(&time, &parts) == nullptr) {
    return fmt::format("{} s after 1970", seconds);
  }
  const std::size_t size = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {buffer.data(), size};
}

Url parse_url(std::string_view text, std::string_view scheme, std::uint16_t default_port) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || text.substr(0, colon) != scheme) {
    throw Failure("'{}' is no {} URL; write it as {}://user:password@host:port/path", text, scheme, scheme);
  }
  Url url{.scheme = std::string(scheme), .user = {}, .password = {}, .host = {}, .port = default_port, .path = {}};
  std::string_view rest = text.substr(colon + 3);
  const std::size_t slash = rest.find('/');
  if (slash != std::string_view::npos) {
    url.path = unescape(rest.substr(slash + 1), text);
    rest = rest.substr(0, slash);
  }
  const std::size_t at = rest.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view account = rest.substr(0, at);
    const std::size_t separator = account.find(':');
    url.user = unescape(account.substr(0, separator), text);
    url.password = separator != std::string_view::npos ? unescape(account.substr(separator + 1), text) : "";
    rest.remove_prefix(at + 1);
  }
  parse_authority(rest, text, url);
  return url;
}

}  // namespace ferry::host
