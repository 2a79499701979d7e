// How far a device is on its way through an upgrade. It tells nothing while it is at the FTP server, so this is worked
// out from the time that others took: an estimate, and none where no device has been there before.
#pragma once

#include <optional>
#include <soci/soci.h>
#include <string>

#include "servers/hub/visit.h"

namespace ferry::hub {

struct Progress {
  std::string phase;      // "downloading" or "burning"
  std::int64_t done = 0;  // of this phase, of `total`
  std::int64_t total = 0;
  int percent = 0;  // of the whole visit; 99 at most, for the end is what the device says itself
};

// Medians of visits that were confirmed, in milliseconds since their beginning.
struct UsualTimes {
  double downloaded = 0;
  double burnt = 0;
  double confirmed = 0;
};

// Of the newest visits of the fleet. Nothing: there are none. Throws soci::soci_error.
[[nodiscard]] std::optional<UsualTimes> usual_times(soci::session& sql);
// Nothing: it has ended, or has not left for the FTP server yet.
[[nodiscard]] std::optional<Progress> progress_of(const Visit& visit, const UsualTimes& usual, std::int64_t now);

}  // namespace ferry::hub
