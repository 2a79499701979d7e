// Makes patches: spec/payload.md, "Delta".
//
// Many ways of cutting the new image into copies are tried, on all cores, and the smallest patch is kept. The outcome
// depends on the images and options alone.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "device/delta/header.h"
#include "host/bytes.h"

namespace ferry::host::delta {

using ferry::delta::MemoryClass;
using ferry::delta::Mode;

struct EncodeOptions {
  MemoryClass memory = MemoryClass::kMedium;   // what the decoder has
  std::optional<Mode> mode = {};               // absent: whichever gives the smallest patch
  std::optional<std::uint32_t> old_base = {};  // addresses at which the images run; absent: guessed
  std::optional<std::uint32_t> new_base = {};
  std::function<void(std::size_t done, std::size_t total)> progress = {};  // called from one thread at a time
};

// What the bits of a patch are for.
struct PatchParts {
  double map = 0;  // bytes, each
  double pieces = 0;
  double literals = 0;
  double copies = 0;
  std::size_t blocks = 0;  // of the map
  std::size_t piece_count = 0;
  std::size_t literal_bytes = 0;
  std::size_t copied_bytes = 0;
};

struct Patch {
  Bytes bytes;  // header and code; the payload's own header is not among them
  ferry::delta::Header header;
  PatchParts parts;
};

// Throws Failure where an image is too large for the format: 16 MiB each, 1 GiB for MemoryClass::kHuge.
[[nodiscard]] Patch make_patch(ByteView old, ByteView fresh, const EncodeOptions& options = {});

// Applies one. Throws Failure, with a reason for people, where `patch` is damaged or not one for `old`.
[[nodiscard]] Bytes apply_patch(ByteView old, ByteView patch, std::uint32_t image_size);
// The same, piece by piece as the image comes to be; only once it returns is it known to be right.
void apply_patch(ByteView old, ByteView patch, std::uint32_t image_size, const std::function<void(ByteView)>& sink);

}  // namespace ferry::host::delta
