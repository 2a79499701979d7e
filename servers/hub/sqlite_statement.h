// One SQLite statement that runs again and again, without SOCI between: for what every reading costs. Throws
// soci::soci_error, as SOCI does.
#pragma once

#include <cstdint>
#include <memory>
#include <soci/soci.h>
#include <string>
#include <string_view>

namespace ferry::hub {

class SqliteStatement {
 public:
  // `session`, which has SQLite behind it, must outlive the object.
  SqliteStatement(soci::session& session, const std::string& text);
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  // Parameters count from 1. A text must stay until run() returns.
  void bind(int place, std::int64_t value);
  void bind(int place, double value);
  void bind(int place, std::string_view value);
  void bind_null(int place);
  // Returns how many rows it touched. What is bound stays so.
  int run();

 private:
  struct Handles;
  [[noreturn]] void fail() const;

  std::unique_ptr<Handles> handles_;
};

}  // namespace ferry::hub
