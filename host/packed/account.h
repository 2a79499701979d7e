// What the bytes of a packed image are for.
#pragma once

#include "host/packed/encoder.h"

namespace ferry::host::packed {

struct Account {
  ferry::packed::Header header = {};
  PackedParts parts = {};
  std::size_t header_bytes = 0;  // the payload's own one is among them
};

// Decodes `payload`, header and all. Throws Failure where it is damaged.
[[nodiscard]] Account account_of(ByteView payload);

}  // namespace ferry::host::packed
