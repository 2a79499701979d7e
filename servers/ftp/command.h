// The grammar of a command line (RFC 959, 5.3; RFC 854 for what Telnet puts before ABOR).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ferry::server::ftp {

struct Command {
  std::string verb;      // upper case letters; empty where the line begins with none
  std::string argument;  // everything after one space
  bool clean = true;     // false: the argument holds a control character, NUL or IAC among them: answer 501
};

// `line` is without its LF; a CR before that is taken off, and Telnet commands (IAC ...) in front.
[[nodiscard]] Command parse_command(std::string_view line);

// The verbs of HTTP: a browser, or an attempt to have one speak FTP.
[[nodiscard]] bool is_http(std::string_view verb);

// All digits, no sign, in range.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view digits);

}  // namespace ferry::server::ftp
