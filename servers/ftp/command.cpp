#include "servers/ftp/command.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace ferry::server::ftp {
namespace {

constexpr char kIac = '\xFF';

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == kIac;
}

// WILL, WONT, DO, DONT take an option; the others stand alone.
std::string_view without_telnet(std::string_view line) {
  while (line.size() >= 2 && line[0] == kIac) {
    const bool has_option = line[1] >= '\xFB' && line[1] <= '\xFE';
    line.remove_prefix(std::min<std::size_t>(has_option ? 3 : 2, line.size()));
  }
  return line;
}

}  // namespace

Command parse_command(std::string_view line) {
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  line = without_telnet(line);
  const auto end = std::find_if_not(line.begin(), line.end(), is_letter);
  Command command;
  std::transform(line.begin(), end, std::back_inserter(command.verb), upper);
  line.remove_prefix(command.verb.size());
  if (!line.empty() && line[0] != ' ') {
    command.verb.clear();
  }
  command.argument = line.empty() ? "" : line.substr(1);
  command.clean = std::none_of(line.begin(), line.end(), is_control);
  return command;
}

bool is_http(std::string_view verb) {
  constexpr std::array<std::string_view, 7> kVerbs = {"GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "DELETE"};
  return std::find(kVerbs.begin(), kVerbs.end(), verb) != kVerbs.end();
}

std::optional<std::uint64_t> parse_number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace ferry::server::ftp
