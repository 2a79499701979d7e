#include "servers/hub/database_url.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "host/failure.h"
#include "servers/hub/postgresql_store.h"
#include "servers/hub/sqlite_store.h"

namespace ferry::hub {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

template <typename Open>
auto opened(const std::string& url, Open open) {
  const DatabaseUrl parsed = DatabaseUrl::parse(url);
  try {
    return open(parsed);
  } catch (const std::exception& error) {
    throw host::Failure("{}: {}", without_password(url), error.what());
  }
}

}  // namespace

DatabaseUrl DatabaseUrl::parse(const std::string& text) {
  if (text.starts_with("postgresql://") || text.starts_with("postgres://")) {
    return {Dialect::kPostgresql, text};
  }
  if (text.starts_with(kSqlite) && text.size() > kSqlite.size() && text.find('"') == std::string::npos) {
    return {Dialect::kSqlite, text.substr(kSqlite.size())};
  }
  throw host::Failure("{}: a database is named sqlite:FILE or postgresql://user:password@host:port/name", text);
}

std::string without_password(const std::string& url) {
  const std::size_t begin = url.find("://");
  const std::size_t end = begin == std::string::npos ? begin : url.find('@', begin);
  const std::size_t colon = end == std::string::npos ? end : url.find(':', begin + 3);
  return colon < end ? url.substr(0, colon) + url.substr(end) : url;
}

std::unique_ptr<soci::session> open_session(const std::string& url) {
  return opened(url, [](const DatabaseUrl& parsed) {
    if (parsed.dialect == Dialect::kPostgresql) {
      auto session = std::make_unique<soci::session>(soci::postgresql, postgresql_parameters(parsed.place));
      set_up_postgresql(*session);
      return session;
    }
    auto session = std::make_unique<soci::session>(soci::sqlite3, sqlite_parameters(parsed.place));
    set_up_sqlite(*session);
    return session;
  });
}

std::unique_ptr<Store> open_store(const std::string& url) {
  return opened(url, [](const DatabaseUrl& parsed) -> std::unique_ptr<Store> {
    if (parsed.dialect == Dialect::kPostgresql) {
      return std::make_unique<PostgresqlStore>(parsed.place);
    }
    return std::make_unique<SqliteStore>(parsed.place);
  });
}

}  // namespace ferry::hub
