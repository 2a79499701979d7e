#include "servers/hub/table_copy.h"

#include <array>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "servers/hub/dialect.h"
#include "servers/hub/postgresql_array.h"
#include "servers/hub/sql.h"

namespace ferry::hub {
namespace {

constexpr std::size_t kAtOnce = 5000;

ColumnType type_of(const std::string& declared) {
  return declared.starts_with("TEXT")     ? ColumnType::kText
         : declared.starts_with("DOUBLE") ? ColumnType::kReal
                                          : ColumnType::kNumber;
}

std::string names(const Table& table) {
  std::vector<std::string> all;
  for (const Column& column : table.columns) {
    all.push_back(column.name);
  }
  return fmt::format("{}", fmt::join(all, ", "));
}

// A cell as SOCI reads and writes it: variables that stay where they are.
struct Variable {
  ColumnType type = ColumnType::kNumber;
  long long number = 0;
  double real = 0;
  std::string text;
  soci::indicator indicator = soci::i_ok;

  void read_from(soci::statement& statement) {
    switch (type) {
      case ColumnType::kNumber:
        return statement.exchange(soci::into(number, indicator));
      case ColumnType::kReal:
        return statement.exchange(soci::into(real, indicator));
      case ColumnType::kText:
        return statement.exchange(soci::into(text, indicator));
    }
  }
  void write_to(soci::statement& statement) {
    switch (type) {
      case ColumnType::kNumber:
        return statement.exchange(soci::use(number, indicator));
      case ColumnType::kReal:
        return statement.exchange(soci::use(real, indicator));
      case ColumnType::kText:
        return statement.exchange(soci::use(text, indicator));
    }
  }
  [[nodiscard]] Cell cell() const {
    if (indicator != soci::i_ok) {
      return {};
    }
    return type == ColumnType::kNumber ? Cell(std::int64_t{number})
           : type == ColumnType::kReal ? Cell(real)
                                       : Cell(text);
  }
  void set(const Cell& cell) {
    indicator = std::holds_alternative<std::monostate>(cell) ? soci::i_null : soci::i_ok;
    if (indicator == soci::i_null) {
      return;
    }
    switch (type) {
      case ColumnType::kNumber:
        number = std::get<std::int64_t>(cell);
        return;
      case ColumnType::kReal:
        real = std::get<double>(cell);
        return;
      case ColumnType::kText:
        text = std::get<std::string>(cell);
        return;
    }
  }
};

std::vector<Variable> variables(const Table& table) {
  std::vector<Variable> all(table.columns.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].type = table.columns[i].type;
  }
  return all;
}

std::size_t read_all(soci::session& from, const Table& table, const std::string& query,
                     const std::function<void(const Row&)>& take) {
  std::vector<Variable> row = variables(table);
  soci::statement statement(from);
  for (Variable& variable : row) {
    variable.read_from(statement);
  }
  statement.alloc();
  statement.prepare(query);
  statement.define_and_bind();
  statement.execute(false);
  std::size_t rows = 0;
  Row cells(row.size());
  while (statement.fetch()) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells[i] = row[i].cell();
    }
    take(cells);
    ++rows;
  }
  return rows;
}

// FNV-1a.
class Hash {
 public:
  void add(const void* bytes, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      value_ = (value_ ^ static_cast<const unsigned char*>(bytes)[i]) * 0x100000001B3U;
    }
  }
  void add(const Cell& cell) {
    const auto kind = static_cast<unsigned char>(cell.index());
    add(&kind, 1);
    if (const auto* number = std::get_if<std::int64_t>(&cell)) {
      add(number, sizeof *number);
    } else if (const auto* given = std::get_if<double>(&cell)) {
      const double real = *given + 0.0;  // -0 is 0: not every database keeps it
      add(&real, sizeof real);
    } else if (const auto* text = std::get_if<std::string>(&cell)) {
      const std::uint64_t size = text->size();
      add(&size, sizeof size);
      add(text->data(), text->size());
    }
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325U;
};

std::string array_of(const std::vector<Row>& rows, std::size_t column) {
  PostgresqlArray array;
  for (const Row& row : rows) {
    std::visit(
        [&array](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
            array.add_null();
          } else {
            array.add(value);
          }
        },
        row[column]);
  }
  return array.text();
}

}  // namespace

void Digest::add(const Row& row) {
  Hash hash;
  for (const Cell& cell : row) {
    hash.add(cell);
  }
  ++rows;
  sum += hash.value();
}

std::vector<Table> tables(soci::session& sqlite) {
  std::vector<Table> all;
  for (const auto& [name] : select<std::string>(sqlite, Sql("SELECT name FROM sqlite_master WHERE type = 'table' AND "
                                                            "name <> 'migrations' AND name NOT LIKE 'sqlite%' ORDER BY "
                                                            "name"))) {
    Table table{.name = name};
    for (const auto& [column, type, key] : select<std::string, std::string, std::int64_t>(
             sqlite, Sql("SELECT name, type, pk FROM pragma_table_info(?)", name))) {
      table.has_key = table.has_key || (table.columns.empty() && column == "id" && key == 1 && type == "INTEGER");
      table.columns.push_back({column, type_of(type)});
    }
    all.push_back(std::move(table));
  }
  return all;
}

// PostgreSQL's client would hold all of a table at once; a cursor gives some of it at a time.
void read_rows(soci::session& from, const Table& table, const std::function<void(const Row&)>& take) {
  const std::string query = "SELECT " + names(table) + " FROM " + table.name;
  if (dialect_of(from) == Dialect::kSqlite) {
    read_all(from, table, query, take);
    return;
  }
  from << "DECLARE all_rows NO SCROLL CURSOR FOR " + query;
  while (read_all(from, table, fmt::format("FETCH {} FROM all_rows", kAtOnce), take) == kAtOnce) {
  }
  from << "CLOSE all_rows";
}

Digest digest(soci::session& of, const Table& table) {
  Digest all;
  read_rows(of, table, [&all](const Row& row) { all.add(row); });
  return all;
}

void TableWriter::add(const Row& row) {
  rows_.push_back(row);
  if (rows_.size() == kAtOnce) {
    finish();
  }
}

void TableWriter::finish() {
  if (!rows_.empty()) {
    dialect_of(to_) == Dialect::kSqlite ? write_sqlite() : write_postgresql();
  }
  rows_.clear();
}

void TableWriter::write_sqlite() {
  std::vector<Variable> row = variables(table_);
  std::vector<std::string> marks;
  soci::statement statement(to_);
  for (Variable& variable : row) {
    variable.write_to(statement);
    marks.push_back(":v" + std::to_string(marks.size()));
  }
  statement.alloc();
  statement.prepare(fmt::format("INSERT INTO {} ({}) VALUES ({})", table_.name, names(table_), fmt::join(marks, ", ")));
  statement.define_and_bind();
  for (const Row& cells : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i].set(cells[i]);
    }
    statement.execute(true);
  }
}

void TableWriter::write_postgresql() {
  constexpr std::array<const char*, 3> kTypes = {"BIGINT[]", "DOUBLE PRECISION[]", "TEXT[]"};
  Sql insert(fmt::format("INSERT INTO {} ({}) SELECT * FROM unnest(", table_.name, names(table_)));
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    insert.add(i == 0 ? "CAST(?" : ", CAST(?", array_of(rows_, i))
        .add(" AS ")
        .add(kTypes.at(static_cast<std::size_t>(table_.columns[i].type)))
        .add(")");
  }
  execute(to_, insert.add(")"));
}

}  // namespace ferry::hub
