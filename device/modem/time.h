// The module's clock: `"19/09/09,01:32:52+32"`, with two or four digits of the year and the zone in quarter hours.
#pragma once

#include <optional>
#include <string_view>

#include "device/base/time.h"

namespace ferry::modem {

// UTC. Nothing where it is no time, or none that can be true (before 2024 or from 2080 on): a module that has heard
// no network tells the time since its own beginning. `is_utc`: whatever the zone behind it says.
[[nodiscard]] std::optional<WallTime> parse_time(std::string_view info, bool is_utc);

}  // namespace ferry::modem
