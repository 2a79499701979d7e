#include "servers/hub/test_database.h"

#include <cstdlib>
#include <string_view>

#include "host/bytes.h"
#include "host/crypto.h"
#include "host/peers/postgresql_peer.h"

namespace ferry::hub {
namespace {

std::string postgresql_database() {
  static host::PostgresqlPeer server;  // one for all tests of the program
  return server.make_database();
}

}  // namespace

bool is_test_with_postgresql() {
  const char* variable = std::getenv("FERRY_TEST_DATABASE");
  return variable != nullptr && std::string_view(variable) == "postgresql";
}

std::string empty_database() {
  return is_test_with_postgresql() ? postgresql_database() : "sqlite::memory:";
}

TestDatabase::TestDatabase() {
  if (is_test_with_postgresql()) {
    url_ = postgresql_database();
    return;
  }
  const std::string name = "ferry-store-" + host::to_hex(host::random_array<std::array<std::uint8_t, 8>>());
  folder_ = std::filesystem::temp_directory_path() / name;
  std::filesystem::create_directory(folder_);
  url_ = "sqlite:" + (folder_ / "hub.sqlite").string();
}

TestDatabase::~TestDatabase() {
  if (!folder_.empty()) {
    std::filesystem::remove_all(folder_);
  }
}

}  // namespace ferry::hub
