// Questions about devices together: who is silent, what rollouts do, what wants attention. Each is answered from
// indexes and tables that are kept as data arrives, not from all there is. Throws soci::soci_error.
#pragma once

#include <soci/soci.h>

#include "servers/hub/analysis.h"
#include "servers/hub/sql.h"
#include "servers/hub/store.h"

namespace ferry::hub {

struct DeviceFilter {
  std::string search;  // part of serial, id, product, label or note
  std::string product, label, version;
  std::optional<bool> online, silent;
  std::int64_t silent_before = 0;  // who was seen last before that is silent
};

struct LabelledDevice {
  Device device;
  std::string label;
  std::string note;
  bool silent = false;
};

[[nodiscard]] std::vector<LabelledDevice> find_devices(soci::session& sql, const DeviceFilter& filter,
                                                       const std::string& after, std::size_t limit);
[[nodiscard]] std::int64_t count_devices(soci::session& sql, const DeviceFilter& filter);
[[nodiscard]] std::optional<LabelledDevice> labelled_device(soci::session& sql, const std::string& id,
                                                            std::int64_t silent_before);

struct Visit {
  std::int64_t id = 0;
  std::string device;
  std::int64_t started = 0;
  std::optional<std::int64_t> ended;
  std::string version;
  std::int64_t sequence = 0;
  std::string outcome;  // empty: it goes on
  std::uint16_t error = 0;
  std::int64_t reached = 0;  // bits of kinds
  std::int64_t bytes = 0;
  std::int64_t milliseconds = 0;
};
// Newest first; empty texts: any.
[[nodiscard]] std::vector<Visit> visits(soci::session& sql, const std::string& device, const std::string& version,
                                        std::size_t limit);
[[nodiscard]] std::vector<StoredEvent> events_of_visit(soci::session& sql, std::int64_t visit);

// Of visits that ended in [from, to) with more than "nothing newer", those that failed or were reverted.
[[nodiscard]] Rate failure_rate(soci::session& sql, std::int64_t from, std::int64_t to);

struct Alert {
  std::string id;
  std::string kind;
  std::string severity;  // "critical", "warning", "info"
  std::string device;
  std::string serial;
  std::int64_t since = 0;
  std::string message;
  std::string seen_by;  // empty: nobody yet
  std::int64_t seen = 0;
};
// Most severe first.
[[nodiscard]] std::vector<Alert> alerts(soci::session& sql, std::int64_t now, std::int64_t silent_before);

// Devices by version at each of `times`, which ascend.
[[nodiscard]] std::map<std::string, std::vector<std::int64_t>> versions_at(soci::session& sql,
                                                                           const std::vector<std::int64_t>& times);

}  // namespace ferry::hub
