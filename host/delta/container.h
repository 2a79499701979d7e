// Deltas as payload files: the payload's header, and behind it a patch (spec/payload.md).
#pragma once

#include "host/delta/encoder.h"

namespace ferry::host::delta {

// Encodes, and proves that the outcome decodes to `fresh`. Throws as make_patch.
[[nodiscard]] Bytes make_delta(ByteView old, ByteView fresh, const EncodeOptions& options = {});
// The new image. Throws Failure where `payload` is no delta, is damaged, or was made from another image.
[[nodiscard]] Bytes apply_delta(ByteView old, ByteView payload);
// The same, piece by piece; only once it returns is the image known to be right.
void apply_delta(ByteView old, ByteView payload, const std::function<void(ByteView)>& sink);

}  // namespace ferry::host::delta
