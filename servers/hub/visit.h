// Visits: a device's way from its window to an outcome, put together from its events as they come.
#pragma once

#include <map>
#include <optional>
#include <soci/soci.h>
#include <string>

#include "servers/hub/types.h"

namespace ferry::hub {

struct Visit {
  std::int64_t id = 0;
  std::string device;
  std::int64_t started = 0;
  std::optional<std::int64_t> ended;
  std::string version;  // that is offered; empty: not known yet
  std::int64_t sequence = 0;
  std::string outcome;  // empty: it goes on
  std::uint16_t error = 0;
  std::int64_t reached = 0;  // bits of kinds
  std::int64_t bytes = 0;
  std::int64_t milliseconds = 0;
};

// Bit of a kind in `reached`.
[[nodiscard]] constexpr std::int64_t reached_bit(EventKind kind) {
  return std::int64_t{1} << static_cast<unsigned>(kind);
}
[[nodiscard]] std::optional<EventKind> parse_event_kind(std::string_view name);

// Begins, goes on with or ends the visit that `event`, which is in the store, belongs to, and keeps what is counted of
// visits (rollout.h). Within the caller's transaction.
void enter_visit(soci::session& sql, const StoredEvent& event);

// Newest first; empty texts: any.
[[nodiscard]] std::vector<Visit> visits(soci::session& sql, const std::string& device, const std::string& version,
                                        std::size_t limit);
// By visit, of the device's newest `limit`.
[[nodiscard]] std::map<std::int64_t, std::vector<StoredEvent>> events_of_visits(soci::session& sql,
                                                                                const std::string& device,
                                                                                std::size_t limit);

}  // namespace ferry::hub
