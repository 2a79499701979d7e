// How a database is named: "sqlite:FILE" or "postgresql://user:password@host:port/name".
#pragma once

#include <memory>
#include <soci/soci.h>
#include <string>

#include "servers/hub/dialect.h"

namespace ferry::hub {

struct DatabaseUrl {
  Dialect dialect = Dialect::kSqlite;
  std::string place;  // the file, or what libpq takes

  // Throws host::Failure.
  [[nodiscard]] static DatabaseUrl parse(const std::string& text);
};

// For logs: without the password.
[[nodiscard]] std::string without_password(const std::string& url);

// A connection as the store has it, with the schema as it is. Throws host::Failure.
[[nodiscard]] std::unique_ptr<soci::session> open_session(const std::string& url);

}  // namespace ferry::hub
