#include "device/at/text.h"

#include <algorithm>
#include <limits>

#include "device/base/bytes.h"

namespace ferry::at {

namespace {

// Where the field that `text` begins with ends.
std::size_t field_end(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    quoted = quoted != (text[i] == '"');
    if (text[i] == ',' && !quoted) {
      return i;
    }
  }
  return text.size();
}

}  // namespace

std::optional<std::uint32_t> number(std::string_view text) {
  if (text.empty() || text.size() > 10) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > std::numeric_limits<std::uint32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(value);
}

std::string_view field(std::string_view text, std::size_t index) {
  for (; index > 0 && !text.empty(); --index) {
    text = skip(text, field_end(text) + 1);
  }
  return {text.data(), field_end(text)};
}

std::size_t field_count(std::string_view text) {
  std::size_t count = 1;
  for (std::size_t end = field_end(text); end < text.size(); end = field_end(text)) {
    text = skip(text, end + 1);
    ++count;
  }
  return count;
}

std::optional<std::uint32_t> number_field(std::string_view text, std::size_t index) {
  return number(field(text, index));
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text.remove_prefix(1);
    text.remove_suffix(1);
  }
  return text;
}

bool is_quotable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
}

}  // namespace ferry::at
