#include "servers/hub/hubs.h"

#include "servers/hub/registry.h"
#include "servers/hub/sql.h"

namespace ferry::hub {

std::string client_id_of(const std::string& hub) {
  return std::string(kHubUser) + "-" + hub;
}

void enter_hub(soci::session& sql, const std::string& hub, std::int64_t now) {
  execute(sql, Sql("INSERT INTO hubs (name, started) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET started = "
                   "excluded.started",
                   hub, now));
}

void remove_hub(soci::session& sql, const std::string& hub) {
  execute(sql, Sql("DELETE FROM hubs WHERE name = ?", hub));
}

std::vector<std::string> hubs(soci::session& sql) {
  std::vector<std::string> all;
  for (auto& [hub] : select<std::string>(sql, Sql("SELECT name FROM hubs ORDER BY name"))) {
    all.push_back(std::move(hub));
  }
  return all;
}

}  // namespace ferry::hub
