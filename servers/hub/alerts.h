// What wants attention now: devices whose last visit ended badly, that are silent, whose messages are refused, or that
// measure what they do not usually measure. Everything throws soci::soci_error.
#pragma once

#include <map>
#include <soci/soci.h>
#include <string>
#include <vector>

namespace ferry::hub {

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

// Most severe first; 1000 of a kind at most.
[[nodiscard]] std::vector<Alert> alerts(soci::session& sql, std::int64_t now, std::int64_t silent_before);
// By severity, those that nobody has seen.
[[nodiscard]] std::map<std::string, std::int64_t> count_alerts(soci::session& sql, std::int64_t now,
                                                               std::int64_t silent_before);

}  // namespace ferry::hub
