// The store over PostgreSQL: any number of hubs. Readings are partitioned by day.
#pragma once

#include <set>

#include "servers/hub/sql_store.h"

namespace ferry::hub {

// A session as every other one here: settings, but no schema yet. Throws soci::soci_error.
[[nodiscard]] std::string postgresql_parameters(const std::string& url);
void set_up_postgresql(soci::session& session);

class PostgresqlStore final : public SqlStore {
 public:
  // Throws soci::soci_error.
  explicit PostgresqlStore(const std::string& url);

  // By an advisory lock of the connection: gone with it.
  bool claim(const std::string& what) override;
  void release(const std::string& what) override;

 private:
  std::unique_ptr<RowWriter> make_rows(soci::session& session) override;
  void revive() override;
  void make_room(std::span<const Change> changes, std::int64_t now) override;
  void tend_days(const Retention& retention, std::int64_t now) override;

  [[nodiscard]] bool is_connected();
  [[nodiscard]] bool ask_lock(const char* function, const std::string& what);

  std::set<std::string> claims_;
  std::set<std::int64_t> days_;  // that have a partition, or shall have none, as far as is known
  std::int64_t days_ahead_ = 0;  // made up to this one
};

}  // namespace ferry::hub
