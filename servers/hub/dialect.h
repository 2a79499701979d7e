// Where the databases speak differently.
#pragma once

#include <soci/soci.h>
#include <string>
#include <string_view>

namespace ferry::hub {

enum class Dialect { kSqlite, kPostgresql };

[[nodiscard]] Dialect dialect_of(soci::session& sql);

// A statement of the schema, with what it has in braces put in; empty: it is none here. {key}: a number that rows get;
// {by key}, {by day}: how a table is kept; {postgresql}, at the start: a statement for that one alone. Texts are
// compared byte by byte everywhere.
[[nodiscard]] std::string in_dialect(Dialect dialect, std::string_view statement);

// A transaction in which nobody else is who has begun one so. Taken back where it is not committed: what made it fail
// (a full disk, a lost server) may have done that already.
class TransactionAlone {
 public:
  explicit TransactionAlone(soci::session& sql);
  ~TransactionAlone();
  TransactionAlone(const TransactionAlone&) = delete;
  TransactionAlone& operator=(const TransactionAlone&) = delete;

  void commit();

 private:
  TransactionAlone(soci::session& sql, Dialect dialect);  // whose lock is not taken yet

  soci::session& sql_;
  bool is_committed_ = false;
};

}  // namespace ferry::hub
