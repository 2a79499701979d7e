// Series whose newest reading is unlike those before it, kept as readings arrive: raised by the reading that stands
// out, cleared by one that does not. Within the caller's transaction. Throws soci::soci_error.
#pragma once

#include <soci/soci.h>
#include <vector>

#include "servers/hub/row_writer.h"

namespace ferry::hub {

// `touched`: with their `newest`, which are in the store.
void judge_newest(soci::session& sql, std::vector<Series*> touched, std::int64_t now);

}  // namespace ferry::hub
