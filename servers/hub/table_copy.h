// Rows of one table, from one database to another of the same schema. Throws soci::soci_error.
#pragma once

#include <cstdint>
#include <functional>
#include <soci/soci.h>
#include <string>
#include <variant>
#include <vector>

namespace ferry::hub {

enum class ColumnType : std::uint8_t { kNumber, kReal, kText };

struct Column {
  std::string name;
  ColumnType type = ColumnType::kNumber;
};

struct Table {
  std::string name;
  std::vector<Column> columns;
  bool has_key = false;  // the first column is a number that rows get
};

using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;
using Row = std::vector<Cell>;

// How many rows there are, and the sum of their hashes: the same for the same rows in any order.
struct Digest {
  std::int64_t rows = 0;
  std::uint64_t sum = 0;

  void add(const Row& row);
  friend bool operator==(const Digest&, const Digest&) = default;
};

// All but the one that says which step the schema is at. `sqlite`: a database of SQLite.
[[nodiscard]] std::vector<Table> tables(soci::session& sqlite);

// Within the caller's transaction, where the database is PostgreSQL.
void read_rows(soci::session& from, const Table& table, const std::function<void(const Row&)>& take);
[[nodiscard]] Digest digest(soci::session& of, const Table& table);

// Takes rows, writes some at a time. Within the caller's transaction.
class TableWriter {
 public:
  TableWriter(soci::session& to, const Table& table) : to_(to), table_(table) {}

  void add(const Row& row);
  void finish();

 private:
  void write_sqlite();
  void write_postgresql();

  soci::session& to_;
  const Table& table_;
  std::vector<Row> rows_;
};

}  // namespace ferry::hub
