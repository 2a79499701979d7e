// The rules of the NorFlash port, tried on a driver: on the host, or on the board itself (firmware/flash_check).
#pragma once

#include <string_view>

#include "device/flash/nor_flash.h"

namespace ferry {

inline constexpr std::uint32_t kSectorsForRules = 3;

// Tries the kSectorsForRules sectors from the one that starts at `offset`, whose content is lost: erases each five
// times at most. Returns the first rule that the driver breaks, as a sentence; empty where it keeps them all. What a
// power cut leaves is not among them: that needs a cut.
[[nodiscard]] std::string_view broken_rule(NorFlash& flash, std::uint32_t offset);

}  // namespace ferry
