// The store over SQLite: write-ahead log, one writer and any number of readers.
#pragma once

#include "servers/hub/sql_store.h"

namespace ferry::hub {

// A session as every other one here: settings, but no schema yet. Throws soci::soci_error.
[[nodiscard]] std::string sqlite_parameters(const std::string& file);
void set_up_sqlite(soci::session& session);

class SqliteStore final : public SqlStore {
 public:
  // Throws soci::soci_error.
  explicit SqliteStore(const std::string& file);

  // One hub has a file to itself.
  bool claim(const std::string& /*what*/) override { return true; }
  void release(const std::string& /*what*/) override {}

 private:
  std::unique_ptr<RowWriter> make_rows(soci::session& session) override;
};

}  // namespace ferry::hub
