// The store over SQLite, by SOCI: write-ahead log, one writer and any number of readers.
#pragma once

#include <soci/soci.h>

#include "servers/hub/store.h"

namespace ferry::hub {

class SqliteStore final : public Store {
 public:
  // Throws soci::soci_error.
  explicit SqliteStore(const std::string& file);
  ~SqliteStore() override;

  void enter(const Registry& registry) override;
  std::vector<StoredEvent> apply(std::span<const Change> changes, std::int64_t now) override;
  std::vector<Device> devices(const std::string& after, std::size_t limit) override;
  std::optional<Device> device(const std::string& id) override;
  std::vector<Reading> readings(const ReadingQuery& query) override;
  std::vector<Reading> latest(const std::string& device) override;
  std::vector<StoredEvent> events(const EventQuery& query) override;
  Refusals refusals(const std::string& device) override;
  Refusals all_refusals() override;
  Summary summary() override;
  bool tend(const Retention& retention, std::int64_t now) override;
  soci::session& sql() override { return sql_; }

 private:
  struct Writer;  // the prepared statements of apply()

  soci::session sql_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace ferry::hub
