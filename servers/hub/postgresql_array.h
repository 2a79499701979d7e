// The text of an array, as PostgreSQL reads it: {1,2,NULL} or {"a","b"}.
#pragma once

#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>

namespace ferry::hub {

class PostgresqlArray {
 public:
  void add(std::int64_t number) { next() += std::to_string(number); }
  void add(double number) { fmt::format_to(std::back_inserter(next()), "{}", number); }  // reads back as the same
  void add(std::string_view text) {
    next() += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        text_ += '\\';
      }
      text_ += c;
    }
    text_ += '"';
  }
  void add_null() { next() += "NULL"; }
  [[nodiscard]] std::string text() const { return text_ + '}'; }

 private:
  std::string& next() {
    text_ += is_empty_ ? '{' : ',';
    is_empty_ = false;
    return text_;
  }

  std::string text_;
  bool is_empty_ = true;
};

}  // namespace ferry::hub
