// Visits: a device's way from its window to an outcome, put together from its events as they come.
#pragma once

#include <soci/soci.h>

#include "servers/hub/types.h"

namespace ferry::hub {

// Bit of a kind in the column `reached`.
[[nodiscard]] constexpr std::int64_t reached_bit(EventKind kind) {
  return std::int64_t{1} << static_cast<unsigned>(kind);
}
[[nodiscard]] std::optional<EventKind> parse_event_kind(std::string_view name);

// Begins, goes on with or ends the visit that `event`, which is in the store, belongs to. Within the caller's
// transaction.
void enter_visit(soci::session& sql, const StoredEvent& event);

}  // namespace ferry::hub
