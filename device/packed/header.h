// In front of a packed image's code. spec/payload.md has the bytes.
#pragma once

#include "device/base/bytes.h"
#include "device/base/result.h"
#include "device/packed/memory.h"

namespace ferry::packed {

inline constexpr std::size_t kHeaderSize = 1;

struct Header {
  bool branches = false;  // BL and B.W of Cortex-M stand converted
  MemoryClass memory = MemoryClass::kMedium;
};

// Errors: kPayloadKindUnsupported (a mode or class of a later version), kPayloadMalformed (nothing is there).
[[nodiscard]] Result<Header> decode_header(ByteView bytes);
[[nodiscard]] std::array<std::uint8_t, kHeaderSize> encode_header(const Header& header);

}  // namespace ferry::packed
