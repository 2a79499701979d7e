// What changes without a message from the device that it is about, found by looking: alerts that are raised or cleared,
// and how far those are that somebody looks at.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "servers/hub/alerts.h"
#include "servers/hub/live.h"

namespace ferry::hub {

class NewsWatch {
 public:
  // `live` must outlive the object.
  explicit NewsWatch(Live& live) : live_(live) {}

  // Publishes what is new since the last call. `silent_after`: seconds. Throws soci::soci_error.
  void look(soci::session& sql, std::int64_t now, std::int64_t silent_after);

 private:
  void look_at_alerts(soci::session& sql, std::int64_t now, std::int64_t silent_after);
  void look_at_progress(soci::session& sql, std::int64_t now);
  void publish(const Alert& alert, bool is_raised);

  Live& live_;
  std::optional<std::map<std::string, Alert>> standing_;  // by id; nothing: not looked yet
};

}  // namespace ferry::hub
