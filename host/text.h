// What people write on a command line: lengths of time, times of day, URLs.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "device/factory/factory.h"

namespace ferry::host {

// "90d", "36h", "15m", "30s", "2w". Throws Failure.
[[nodiscard]] std::chrono::seconds parse_length(std::string_view text);
// "01:00+4h", "22:30+90m": start of day and length, at most a day. Throws Failure.
void parse_window(std::string_view text, WindowSettings& window);
// "+08:00", "-03:30", "Z": minutes east of UTC. Throws Failure.
[[nodiscard]] std::int16_t parse_zone(std::string_view text);
// "mon,wed,fri", "mon-fri", "daily": bit 0 = Monday. Throws Failure.
[[nodiscard]] std::uint8_t parse_days(std::string_view text);
[[nodiscard]] std::string format_days(std::uint8_t days);
// "2026-05-01T12:00:00Z"
[[nodiscard]] std::string format_time(std::int64_t seconds);

struct Url {
  std::string scheme;
  std::string user;  // percent escapes resolved
  std::string password;
  std::string host;
  std::uint16_t port = 0;
  std::string path;  // without the leading '/'
};
// scheme://[user[:password]@]host[:port][/path]; host may be an IPv6 literal in brackets. Throws Failure where `text`
// is none, or its scheme is not `scheme`.
[[nodiscard]] Url parse_url(std::string_view text, std::string_view scheme, std::uint16_t default_port);

}  // namespace ferry::host
