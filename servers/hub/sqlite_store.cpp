#include "servers/hub/sqlite_store.h"

#include <soci/sqlite3/soci-sqlite3.h>

#include "servers/hub/schema.h"
#include "servers/hub/sqlite_rows.h"

namespace ferry::hub {

std::string sqlite_parameters(const std::string& file) {
  return "dbname=\"" + file + "\" timeout=10";
}

void set_up_sqlite(soci::session& session) {
  std::string mode;
  session << "PRAGMA journal_mode = WAL", soci::into(mode);
  session << "PRAGMA synchronous = FULL";
  session << "PRAGMA cache_size = -65536";  // KiB
  session << "PRAGMA wal_autocheckpoint = 8000";
}

SqliteStore::SqliteStore(const std::string& file) : SqlStore(soci::sqlite3, sqlite_parameters(file)) {
  set_up_sqlite(session());
  migrate(session());
}

std::unique_ptr<RowWriter> SqliteStore::make_rows(soci::session& session) {
  return std::make_unique<SqliteRows>(session);
}

}  // namespace ferry::hub
