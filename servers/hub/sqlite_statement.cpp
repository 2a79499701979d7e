#include "servers/hub/sqlite_statement.h"

#include <soci/sqlite3/soci-sqlite3.h>

namespace ferry::hub {

using namespace sqlite_api;  // SOCI puts SQLite there

struct SqliteStatement::Handles {
  sqlite_api::sqlite3* database = nullptr;
  sqlite_api::sqlite3_stmt* statement = nullptr;
};

SqliteStatement::SqliteStatement(soci::session& session, const std::string& text)
    : handles_(std::make_unique<Handles>()) {
  handles_->database = static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
  if (sqlite3_prepare_v2(handles_->database, text.c_str(), static_cast<int>(text.size()), &handles_->statement,
                         nullptr) != SQLITE_OK) {
    fail();
  }
}

SqliteStatement::~SqliteStatement() {
  sqlite3_finalize(handles_->statement);
}

void SqliteStatement::fail() const {
  throw soci::sqlite3_soci_error(sqlite3_errmsg(handles_->database), sqlite3_errcode(handles_->database));
}

void SqliteStatement::bind(int place, std::int64_t value) {
  if (sqlite3_bind_int64(handles_->statement, place, value) != SQLITE_OK) {
    fail();
  }
}

void SqliteStatement::bind(int place, double value) {
  if (sqlite3_bind_double(handles_->statement, place, value) != SQLITE_OK) {
    fail();
  }
}

void SqliteStatement::bind(int place, std::string_view value) {
  if (sqlite3_bind_text(handles_->statement, place, value.data(), static_cast<int>(value.size()), SQLITE_STATIC) !=
      SQLITE_OK) {
    fail();
  }
}

void SqliteStatement::bind_null(int place) {
  if (sqlite3_bind_null(handles_->statement, place) != SQLITE_OK) {
    fail();
  }
}

int SqliteStatement::run() {
  const int result = sqlite3_step(handles_->statement);
  const bool is_done = result == SQLITE_DONE || result == SQLITE_ROW;
  if (!is_done) {
    const soci::sqlite3_soci_error error(sqlite3_errmsg(handles_->database), result);
    sqlite3_reset(handles_->statement);
    throw error;
  }
  const int touched = sqlite3_changes(handles_->database);
  sqlite3_reset(handles_->statement);
  return touched;
}

}  // namespace ferry::hub
