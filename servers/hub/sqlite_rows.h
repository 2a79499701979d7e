// Rows by prepared statements, one after the other: without a network between, nothing is faster.
#pragma once

#include <soci/soci.h>

#include "servers/hub/row_writer.h"
#include "servers/hub/sqlite_statement.h"

namespace ferry::hub {

// SOCI binds variables by address, hence the members that the statements share; a name in a statement stands for one
// of them, so none occurs twice.
class SqliteRows final : public RowWriter {
 public:
  explicit SqliteRows(soci::session& session);
  SqliteRows(const SqliteRows&) = delete;
  SqliteRows& operator=(const SqliteRows&) = delete;

  void take_turns() override {}  // there is one who writes
  std::int64_t see(const std::vector<std::string>& devices, std::int64_t now) override;
  std::int64_t set_online(const std::map<std::string, bool>& devices) override;
  std::vector<const Series*> find(const std::vector<Series*>& series) override;
  void insert(std::vector<ReadingRow>& rows) override;
  void mark(const std::vector<Hour>& hours, std::int64_t now) override;
  void set_latest(const std::vector<Series*>& series) override;

 private:
  void set_reading(const Series& series, const Reading& reading);

  soci::session& session_;
  std::string device_;
  std::string unit_;
  std::string text_;
  double time_ = 0;
  double value_ = 0;
  std::int64_t series_ = 0;
  std::int64_t now_ = 0;
  int online_ = 0;
  int is_other_ = 0;
  soci::indicator has_value_ = soci::i_null;
  soci::indicator has_text_ = soci::i_null;

  soci::statement see_device_;
  soci::statement enter_device_;
  soci::statement set_online_;
  SqliteStatement insert_reading_;
  SqliteStatement mark_dirty_;
  soci::statement set_latest_;
};

}  // namespace ferry::hub
