#include <fmt/format.h>

#include "tools/ferry/inspect.h"

namespace ferry::tool {
namespace {

constexpr std::size_t kLine = 110;

// Control characters from a file under inspection do not reach the terminal.
std::string printable(std::string_view text, std::string_view line_break) {
  std::string out;
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

void print_entry(std::string_view head, const Json& value, std::size_t indent) {
  if (!value.is_structured()) {
    fmt::print("{}{}{}\n", std::string(indent, ' '), head, scalar(value, indent + 2));
    return;
  }
  if (fits(value, indent + head.size())) {
    fmt::print("{}{}{}\n", std::string(indent, ' '), head, inline_text(value));
    return;
  }
  fmt::print("{}{}\n", std::string(indent, ' '), head);
  print(value, indent + 2);
}

void print(const Json& value, std::size_t indent) {
  if (value.is_object()) {
    for (const auto& [key, entry] : value.items()) {
      print_entry(printable(key, " ") + ": ", entry, indent);
    }
    return;
  }
  for (const Json& entry : value) {
    print_entry("- ", entry, indent);
  }
}

}  // namespace

void print_tree(const Json& document) {
  print(document, 0);
}

}  // namespace ferry::tool
