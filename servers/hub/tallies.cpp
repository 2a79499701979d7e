#include "servers/hub/tallies.h"

#include <utility>

#include "servers/hub/sql.h"

namespace ferry::hub {

void Tallies::enter(soci::session& sql) {
  for (const auto& [which, change] : std::exchange(changes_, {})) {
    if (change != 0) {
      execute(sql, Sql("INSERT INTO tallies (name, key, value) VALUES (?, ?, ?) ON CONFLICT (name, key) DO UPDATE SET "
                       "value = tallies.value + excluded.value",
                       which.first, which.second, change));
    }
  }
}

Counts tallies(soci::session& sql, std::string_view name) {
  Counts all;
  for_each_row<std::string, std::int64_t>(
      sql, Sql("SELECT key, value FROM tallies WHERE name = ? AND value <> 0", std::string(name)),
      [&all](const std::string& key, std::int64_t value) { all[key] = value; });
  return all;
}

std::int64_t tally(soci::session& sql, std::string_view name) {
  return count(sql, Sql("SELECT value FROM tallies WHERE name = ? AND key = ''", std::string(name)));
}

}  // namespace ferry::hub
