// The hubs that share a broker and a database. Throws soci::soci_error.
#pragma once

#include <soci/soci.h>
#include <string>
#include <vector>

namespace ferry::hub {

// Client id of a hub's own session at the broker.
[[nodiscard]] std::string client_id_of(const std::string& hub);

void enter_hub(soci::session& sql, const std::string& hub, std::int64_t now);
void remove_hub(soci::session& sql, const std::string& hub);
[[nodiscard]] std::vector<std::string> hubs(soci::session& sql);

}  // namespace ferry::hub
