// An empty database for a test: SQLite, or PostgreSQL where FERRY_TEST_DATABASE says so. CMake runs the tests with
// each.
#pragma once

#include <filesystem>
#include <string>

namespace ferry::hub {

[[nodiscard]] bool is_test_with_postgresql();

// For one connection; gone when that ends, or the program.
[[nodiscard]] std::string empty_database();

// For several connections.
class TestDatabase {
 public:
  TestDatabase();
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  std::filesystem::path folder_;  // empty: none
  std::string url_;
};

}  // namespace ferry::hub
