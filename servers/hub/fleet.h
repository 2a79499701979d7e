// Questions about devices together. Throws soci::soci_error.
#pragma once

#include <soci/soci.h>

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
// After its serial, product, label or note changed: what is searched is kept in one column, in small letters.
void make_findable(soci::session& sql, const std::string& device);

struct Silence {
  std::int64_t silent = 0;
  std::int64_t never_seen = 0;
};
[[nodiscard]] Silence count_silent(soci::session& sql, std::int64_t silent_before);
[[nodiscard]] std::optional<LabelledDevice> labelled_device(soci::session& sql, const std::string& id,
                                                            std::int64_t silent_before);

}  // namespace ferry::hub
