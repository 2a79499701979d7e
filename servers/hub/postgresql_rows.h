// Rows as arrays, one statement for all of a batch: each way to the server and back costs as much as many rows.
#pragma once

#include <soci/soci.h>

#include "servers/hub/row_writer.h"

namespace ferry::hub {

class PostgresqlRows final : public RowWriter {
 public:
  explicit PostgresqlRows(soci::session& session) : session_(session) {}

  void take_turns() override;
  std::int64_t see(const std::vector<std::string>& devices, std::int64_t now) override;
  std::int64_t set_online(const std::map<std::string, bool>& devices) override;
  std::vector<const Series*> find(const std::vector<Series*>& series) override;
  void insert(std::vector<ReadingRow>& rows) override;
  void mark(const std::vector<Hour>& hours, std::int64_t now) override;
  void set_latest(const std::vector<Series*>& series) override;

 private:
  soci::session& session_;
};

}  // namespace ferry::hub
