// A statement with its values apart, and the rows that it gives, typed: the questions of this module to its database.
//
//   Sql query("SELECT id, note FROM devices WHERE id > ?", after);
//   if (!label.empty()) { query.add(" AND label = ?", label); }
//   for (const auto& [id, note] : select<std::string, std::optional<std::string>>(session, query)) ...
//
// Values never become part of the text; texts are made such as every database takes. Everything throws
// soci::soci_error.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <soci/soci.h>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "servers/hub/utf8.h"

namespace ferry::hub {

class Sql {
 public:
  using Value = std::variant<std::int64_t, double, std::string>;

  template <typename... Values>
  explicit Sql(std::string_view text, const Values&... values) {
    add(text, values...);
  }

  // Each "?" of `text` stands for the next value.
  template <typename... Values>
  Sql& add(std::string_view text, const Values&... values) {
    append(text);
    (values_.push_back(to_value(values)), ...);
    return *this;
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<Value>& values() const { return values_; }

 private:
  template <typename T>
  static Value to_value(const T& value) {
    if constexpr (std::is_same_v<T, bool> || std::is_integral_v<T>) {
      return static_cast<std::int64_t>(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      return static_cast<double>(value);
    } else {
      return to_storable(value);
    }
  }
  void append(std::string_view text);

  std::string text_;
  std::size_t marks_ = 0;
  std::vector<Value> values_;
};

// A statement that is prepared, with its values bound; `sql` must outlive it.
void bind(soci::statement& statement, const Sql& sql);

namespace detail {

template <typename T>
struct Column {
  T value{};
  void bind_to(soci::statement& statement) { statement.exchange(soci::into(value)); }
  T take() { return value; }
};

template <typename T>
struct Column<std::optional<T>> {
  T value{};
  soci::indicator indicator = soci::i_ok;
  void bind_to(soci::statement& statement) { statement.exchange(soci::into(value, indicator)); }
  std::optional<T> take() { return indicator == soci::i_ok ? std::optional<T>(value) : std::nullopt; }
};

}  // namespace detail

// Calls take(columns...) for each row.
template <typename... Columns, typename Take>
void for_each_row(soci::session& session, const Sql& sql, Take take) {
  std::tuple<detail::Column<Columns>...> columns;
  soci::statement statement(session);
  std::apply([&statement](auto&... column) { (column.bind_to(statement), ...); }, columns);
  bind(statement, sql);
  statement.execute(false);
  while (statement.fetch()) {
    std::apply([&take](auto&... column) { take(column.take()...); }, columns);
  }
}

template <typename... Columns>
std::vector<std::tuple<Columns...>> select(soci::session& session, const Sql& sql) {
  std::vector<std::tuple<Columns...>> rows;
  for_each_row<Columns...>(session, sql, [&rows](Columns... columns) { rows.emplace_back(std::move(columns)...); });
  return rows;
}

// The first row, where there is one.
template <typename... Columns>
std::optional<std::tuple<Columns...>> select_one(soci::session& session, const Sql& sql) {
  auto rows = select<Columns...>(session, sql);
  return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

// The one number that `sql` asks for; 0 where there is none.
[[nodiscard]] std::int64_t count(soci::session& session, const Sql& sql);

// Returns how many rows it touched.
std::int64_t execute(soci::session& session, const Sql& sql);

// "%part%" for LIKE ... ESCAPE '\', in which nothing of `part` has a meaning.
[[nodiscard]] std::string like_part(std::string_view part);

}  // namespace ferry::hub
