// Packed images as payloads, with the payload's header.
#pragma once

#include "host/packed/encoder.h"

namespace ferry::host::packed {

// Packs an image, and checks that it comes back as it was. Throws Failure as pack_image().
[[nodiscard]] Bytes make_packed(ByteView image, const EncodeOptions& options = {});
// Throws Failure, with a reason for people.
[[nodiscard]] Bytes unpack(ByteView payload);

}  // namespace ferry::host::packed
