#include "host/delta/modes.h"

#include <algorithm>

namespace ferry::host::delta {
namespace {

constexpr std::array kModes = {
    ModeTools{Mode::kThumb2, "thumb2", "Cortex-M", thumb2::mask_addresses, thumb2::with_targets, thumb2::guess_base},
    ModeTools{Mode::kPlain, "plain", "anything", nullptr, nullptr, nullptr},
};

}  // namespace

std::span<const ModeTools> all_modes() {
  return kModes;
}

const ModeTools& tools_of(Mode mode) {
  return *std::ranges::find(kModes, mode, &ModeTools::mode);
}

}  // namespace ferry::host::delta
