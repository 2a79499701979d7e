#include "servers/hub/sqlite_store.h"

#include <chrono>
#include <soci/sqlite3/soci-sqlite3.h>
#include <thread>

#include "servers/hub/schema.h"
#include "servers/hub/sqlite_rows.h"

namespace ferry::hub {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeToBeFree = 10s;
constexpr auto kPause = 10ms;

// SQLite does not wait, whatever its timeout, for another connection that changes the mode of a new file.
void keep_ahead_log(soci::session& session) {
  const auto deadline = std::chrono::steady_clock::now() + kTimeToBeFree;
  for (;;) {
    try {
      std::string mode;
      session << "PRAGMA journal_mode = WAL", soci::into(mode);
      return;
    } catch (const soci::sqlite3_soci_error& error) {
      if (error.result() != SQLITE_BUSY || std::chrono::steady_clock::now() > deadline) {
        throw;
      }
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

std::string sqlite_parameters(const std::string& file) {
  return "dbname=\"" + file + "\" timeout=10";
}

void set_up_sqlite(soci::session& session) {
  keep_ahead_log(session);
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
