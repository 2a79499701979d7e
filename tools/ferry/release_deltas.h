// Deltas of a release: one for each older image that devices may run.
#pragma once

#include <filesystem>

#include "host/manifest_builder.h"
#include "tools/ferry/delta_options.h"

namespace ferry::tool {

struct ReleaseDeltas {
  std::vector<std::filesystem::path> from;         // images that run in either slot
  std::vector<std::filesystem::path> from_slot_a;  // images linked for slot A
  std::vector<std::filesystem::path> from_slot_b;
  DeltaOptions delta;

  void add_to(CLI::App& command);
  // Makes them for the application. One that would not be smaller than the image is left out, and a note says so.
  void attach(host::ReleaseComponent& application) const;
};

}  // namespace ferry::tool
