#include "servers/hub/sql.h"

namespace ferry::hub {

void Sql::append(std::string_view text) {
  for (const char c : text) {
    if (c == '?') {
      text_ += ":v" + std::to_string(++marks_);
    } else {
      text_ += c;
    }
  }
}

void bind(soci::statement& statement, const Sql& sql) {
  for (const Sql::Value& value : sql.values()) {
    std::visit([&statement](const auto& one) { statement.exchange(soci::use(one)); }, value);
  }
  statement.alloc();
  statement.prepare(sql.text());
  statement.define_and_bind();
}

std::int64_t count(soci::session& session, const Sql& sql) {
  const auto row = select_one<std::optional<std::int64_t>>(session, sql);
  return row ? std::get<0>(*row).value_or(0) : 0;
}

std::int64_t execute(soci::session& session, const Sql& sql) {
  soci::statement statement(session);
  bind(statement, sql);
  statement.execute(true);
  return statement.get_affected_rows();
}

std::string like_part(std::string_view part) {
  std::string pattern = "%";
  for (const char c : part) {
    if (c == '%' || c == '_' || c == '\\') {
      pattern += '\\';
    }
    pattern += c;
  }
  return pattern + "%";
}

}  // namespace ferry::hub
