// What stands behind a payload's header (spec/payload.md, "With a header"), put there and taken out again.
#pragma once

#include "device/payload/container.h"
#include "host/bytes.h"

namespace ferry::host {

[[nodiscard]] Bytes with_header(payload::Kind kind, std::size_t image_size, ByteView body);

struct PayloadBody {
  std::uint32_t image_size = 0;
  ByteView body;  // of the payload
};

// Throws Failure: it has no header, or a damaged one; or `otherwise` where it is of another kind.
[[nodiscard]] PayloadBody body_of(ByteView payload, payload::Kind kind, std::string_view otherwise);

}  // namespace ferry::host
