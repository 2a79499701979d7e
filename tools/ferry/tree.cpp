#include <fmt/format.h>

#include "tools/ferry/inspect.h"

namespace ferry::tool {
namespace {

constexpr std::size_t kLine = 110;

// Control characters from a file under inspection do not reach the terminal.
std::string printable(std::string_view text, std::string_view line_break) {
  std::string out;
  while (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  for (const char c : text) {
    if (c == '\n') {
      out += line_break;
    } else {
      out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    }
  }
  return out;
}

std::string scalar(const Json& value, std::size_t indent) {
  if (value.is_string()) {
    return printable(value.get_ref<const std::string&>(), "\n" + std::string(indent, ' '));
  }
  return value.dump();
}

std::string inline_text(const Json& value) {
  std::string text;
  if (value.is_object()) {
    for (const auto& [key, entry] : value.items()) {
      text += (text.empty() ? "" : ", ") + printable(key, " ") + " " + inline_text(entry);
    }
    return value.empty() ? "nothing" : text;
  }
  if (value.is_array()) {
    for (const Json& entry : value) {
      text += (text.empty() ? "" : ", ") + inline_text(entry);
    }
    return value.empty() ? "none" : text;
  }
  return scalar(value, 0);
}

bool fits(const Json& value, std::size_t indent) {
  const bool nested = value.is_structured() && std::any_of(value.begin(), value.end(), [](const Json& entry) {
                        return entry.is_structured() && !entry.empty();
                      });
  return !nested && inline_text(value).size() + indent <= kLine;
}

void print(const Json& value, std::size_t indent);

// A command of a manifest on a line of its own: "20 directive-override-parameters", what belongs to it below.
void print_command(const Json& command, std::size_t indent) {
  std::string line = fmt::format("{:>4} {}", command["code"].get<std::int64_t>(), scalar(command["command"], 0));
  for (const char* key : {"component", "argument"}) {
    if (command.contains(key)) {
      line += " " + scalar(command[key], 0);
    }
  }
  fmt::print("{}{}\n", std::string(indent, ' '), line);
  constexpr std::size_t kDeeper = 5;
  for (const char* key : {"parameters", "sequence"}) {
    if (command.contains(key)) {
      print(command[key], indent + kDeeper);
    }
  }
  if (command.contains("branches")) {
    for (std::size_t i = 0; i < command["branches"].size(); ++i) {
      fmt::print("{}branch {}:\n", std::string(indent + kDeeper, ' '), i);
      print(command["branches"][i], indent + kDeeper + 2);
    }
  }
}

void print_entry(std::string_view head, const Json& value, std::size_t indent) {
  if (!value.is_structured()) {
    fmt::print("{}{}{}\n", std::string(indent, ' '), head, scalar(value, indent + 2));
    return;
  }
  if (fits(value, indent + head.size())) {
    fmt::print("{}{}{}\n", std::string(indent, ' '), head, inline_text(value));
    return;
  }
  const std::string_view trimmed = head.substr(0, head.size() - 1);
  fmt::print("{}{}\n", std::string(indent, ' '), trimmed);
  print(value, indent + 2);
}

void print(const Json& value, std::size_t indent) {
  if (value.is_object()) {
    for (const auto& [key, entry] : value.items()) {
      print_entry(printable(key, " ") + ": ", entry, indent);
    }
    return;
  }
  if (!value.is_structured()) {
    fmt::print("{}{}\n", std::string(indent, ' '), scalar(value, indent));
    return;
  }
  for (const Json& entry : value) {
    if (entry.is_object() && entry.contains("command")) {
      print_command(entry, indent);
    } else {
      print_entry("- ", entry, indent);
    }
  }
}

}  // namespace

void print_tree(const Json& document) {
  print(document, 0);
}

}  // namespace ferry::tool
