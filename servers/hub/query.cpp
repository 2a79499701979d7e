#include "servers/hub/query.h"

#include <charconv>
#include <cmath>

namespace ferry::hub {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      throw BadRequest("a '%' in the target is not followed by two hexadecimal digits");
    }
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

// Calls take() with each piece between separators.
template <typename Take>
void split(std::string_view text, char separator, Take take) {
  while (true) {
    const std::size_t end = text.find(separator);
    take(text.substr(0, end));
    if (end == std::string_view::npos) {
      return;
    }
    text.remove_prefix(end + 1);
  }
}

template <typename T>
std::optional<T> parse_number(const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc{} && result.ptr == end ? std::optional<T>(value) : std::nullopt;
}

}  // namespace

Target parse_target(std::string_view target) {
  if (!target.starts_with('/')) {
    throw BadRequest("the target does not begin with '/'");
  }
  Target parsed;
  const std::size_t mark = target.find('?');
  split(target.substr(1, mark == std::string_view::npos ? mark : mark - 1), '/',
        [&](std::string_view segment) { parsed.path.push_back(unescape(segment)); });
  if (mark == std::string_view::npos || mark + 1 == target.size()) {
    return parsed;
  }
  split(target.substr(mark + 1), '&', [&](std::string_view pair) {
    const std::size_t equals = pair.find('=');
    const std::string name = unescape(pair.substr(0, equals));
    const std::string value = equals == std::string_view::npos ? "" : unescape(pair.substr(equals + 1));
    if (name.empty() || !parsed.query.emplace(name, value).second) {
      throw BadRequest("the query has a parameter without a name, or twice");
    }
  });
  return parsed;
}

std::optional<std::string> QueryReader::take(const std::string& name) {
  const auto found = query_.extract(name);
  return found.empty() ? std::nullopt : std::optional(found.mapped());
}

std::string QueryReader::text(const std::string& name) {
  return take(name).value_or("");
}

std::int64_t QueryReader::integer(const std::string& name, std::int64_t absent, std::int64_t least, std::int64_t most) {
  const auto text = take(name);
  if (!text) {
    return absent;
  }
  const auto value = parse_number<std::int64_t>(*text);
  if (!value || *value < least || *value > most) {
    throw BadRequest("\"" + name + "\" must be a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most));
  }
  return *value;
}

std::optional<double> QueryReader::number(const std::string& name) {
  const auto text = take(name);
  if (!text) {
    return std::nullopt;
  }
  const auto value = parse_number<double>(*text);
  if (!value || !std::isfinite(*value)) {
    throw BadRequest("\"" + name + "\" must be a number");
  }
  return value;
}

std::optional<bool> QueryReader::flag(const std::string& name) {
  const auto text = take(name);
  if (text && *text != "true" && *text != "false") {
    throw BadRequest("\"" + name + "\" must be true or false");
  }
  return text ? std::optional(*text == "true") : std::nullopt;
}

void QueryReader::finish() const {
  if (!query_.empty()) {
    throw BadRequest("unknown parameter \"" + query_.begin()->first + "\"");
  }
}

}  // namespace ferry::hub
