// What the demo's two releases hold.
#pragma once

#include <array>

#include "tools/ferry/demo/options.h"

namespace ferry::tool {

struct ReleaseContent {
  std::vector<std::string> options;  // of `ferry release`: the images
  std::uint64_t bytes = 0;           // of the image
  bool has_deltas = false;           // for devices that run the release before
};

struct BoardFirmware {
  std::filesystem::path bootloader;
  std::filesystem::path bootloader_image;  // the same, as it stands in flash
  std::filesystem::path slot_a;            // the application, linked for slot A
  std::filesystem::path slot_b;
  std::filesystem::path next_slot_a;  // its next version
  std::filesystem::path next_slot_b;
};

// Release 1.0.0 and 2.0.0. Throws Failure where the images, or what runs them, are not there or do not do.
[[nodiscard]] std::array<ReleaseContent, 2> release_contents(const DemoOptions& options);

// The files that script/firmware makes.
[[nodiscard]] BoardFirmware board_firmware(const DemoOptions& options);

}  // namespace ferry::tool
