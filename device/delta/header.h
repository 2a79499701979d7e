// The beginning of a patch, behind the payload's own header: spec/payload.md, "Delta".
//   mode and memory class u8 | size of the old image u32 | SHA-256 of the old image, first 4 bytes |
//   SHA-256 of the new image, first 4 bytes | base of the old image u32 | base of the new image u32; little-endian
#pragma once

#include "device/delta/instructions.h"
#include "device/delta/memory.h"

namespace ferry::delta {

inline constexpr std::size_t kHeaderSize = 21;

struct Header {
  Mode mode = Mode::kPlain;
  MemoryClass memory = MemoryClass::kMedium;
  std::uint32_t old_size = 0;
  // Against mistakes. What makes sure that the right image is patched, and that the right one comes out, are the
  // digests in the manifest.
  std::array<std::uint8_t, 4> old_digest{};
  std::array<std::uint8_t, 4> new_digest{};
  Bases bases;
};

// By the first byte of a header; not checked.
[[nodiscard]] constexpr MemoryClass memory_class_of(std::uint8_t first) {
  return static_cast<MemoryClass>(first >> 4U);
}
// `bytes`: kHeaderSize of them. Errors: kPayloadMalformed, kPayloadKindUnsupported (a mode that is not known).
[[nodiscard]] Result<Header> decode_header(ByteView bytes);
[[nodiscard]] std::array<std::uint8_t, kHeaderSize> encode_header(const Header& header);

}  // namespace ferry::delta
