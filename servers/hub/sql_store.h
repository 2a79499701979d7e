// The store over SQL, by SOCI: one text for every database. What they do their own way is in sqlite_store.cpp and
// postgresql_store.cpp, row_writer.h and dialect.h.
#pragma once

#include <soci/soci.h>

#include "servers/hub/row_writer.h"
#include "servers/hub/store.h"

namespace ferry::hub {

class ChangeWriter;

class SqlStore : public Store {
 public:
  ~SqlStore() override;

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
  soci::session& sql() override;

 protected:
  SqlStore(const soci::backend_factory& backend, const std::string& parameters);

  [[nodiscard]] virtual std::unique_ptr<RowWriter> make_rows(soci::session& session) = 0;
  // Comes first in every call: a connection that was lost is made anew here. Throws soci::soci_error, StoreError.
  virtual void revive() {}
  // Before the transaction that enters them.
  virtual void make_room(std::span<const Change> /*changes*/, std::int64_t /*now*/) {}
  // Before the transaction that tends.
  virtual void tend_days(const Retention& /*retention*/, std::int64_t /*now*/) {}

  void forget_statements();
  soci::session& session() { return sql_; }

 private:
  template <typename Work>
  auto guarded(Work work);
  [[nodiscard]] ChangeWriter& writer();

  soci::session sql_;
  std::unique_ptr<ChangeWriter> writer_;
};

}  // namespace ferry::hub
