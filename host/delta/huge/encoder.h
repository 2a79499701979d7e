// Makes patches for Linux: spec/payload.md, "Delta for Linux". Their decoder is device/delta/huge.
//
// Memory: both images as they are given, three times their size in an AArch64 mode, and some 500 MiB at most.
#pragma once

#include "host/delta/encoder.h"

namespace ferry::host::delta::huge {

// The images are read as AArch64 where most of what they hold is that, unless options.mode says what they are. Throws
// Failure where one is too large (1 GiB each), or the mode is none of this class.
[[nodiscard]] Patch make_patch(ByteView old, ByteView fresh, const EncodeOptions& options);

}  // namespace ferry::host::delta::huge
