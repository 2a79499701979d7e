// Which numbers of sealed messages the store has seen.
#pragma once

#include <soci/soci.h>

#include "servers/hub/types.h"

namespace ferry::hub {

// Within the caller's transaction. False where this number was entered before; also another hub over the same database
// may have done so.
[[nodiscard]] bool enter_seal(soci::session& session, const std::string& device, const SealNumber& number);

// Of one device, over all its keys and series.
struct SealSummary {
  std::int64_t series = 0;    // 0: it never sealed anything
  std::int64_t received = 0;  // messages
  std::int64_t missing = 0;   // messages that were sent for certain, and did not arrive
};
[[nodiscard]] SealSummary seal_summary(soci::session& session, const std::string& device);

}  // namespace ferry::hub
