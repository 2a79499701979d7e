// The modes that this build makes patches in, and what each knows of images beyond what the decoder does.
#pragma once

#include <string_view>

#include "device/delta/instruction_sets.h"
#include "device/delta/thumb2.h"
#include "host/delta/normalise.h"

namespace ferry::host::delta {

using ferry::delta::Mode;

using AllSets = ferry::delta::SetsOf<ferry::delta::Thumb2>;

struct ModeTools {
  Mode mode;
  std::string_view name;         // as a person writes it
  std::string_view description;  // what runs such code
  // All three as those of normalise.h; nullptr in the plain mode.
  Bytes (*mask_addresses)(ByteView image, std::uint32_t base);
  Bytes (*with_targets)(ByteView image, std::uint32_t base, const std::vector<Block>* map);
  std::uint32_t (*guess_base)(ByteView image);
};

// In the order in which they are tried.
[[nodiscard]] std::span<const ModeTools> all_modes();
[[nodiscard]] const ModeTools& tools_of(Mode mode);

}  // namespace ferry::host::delta
