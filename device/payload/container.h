// What a payload file holds, after decryption. spec/payload.md has the bytes.
//
// A plain image is itself: no header, so that any SUIT implementation can install it. Every other kind begins with
// kMagic; a plain image that happens to begin with kMagic is wrapped as kRaw.
//   magic[8] | version u8 | kind u8 | reserved u16 = 0 | image size u32le | body...
#pragma once

#include <array>

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry::payload {

inline constexpr std::array<std::uint8_t, 8> kMagic = {0x89, 'F', 'e', 'r', 'r', 'y', 0x0D, 0x0A};
inline constexpr std::size_t kHeaderSize = 16;
inline constexpr std::uint8_t kVersion = 1;

enum class Kind : std::uint8_t { kPlain = 0, kRaw = 1, kPacked = 2, kDelta = 3 };  // kPlain: no header

struct Header {
  Kind kind = Kind::kPlain;
  std::uint32_t image_size = 0;
};

// `start`: the first bytes of the payload, kHeaderSize of them or the whole payload where that is shorter;
// `payload_size`: of the whole payload. Errors: kPayloadMalformed, kPayloadKindUnsupported.
[[nodiscard]] Result<Header> decode_header(ByteView start, std::uint32_t payload_size);
// Errors: kNoSpace, kInvalidArgument (a plain image has no header).
[[nodiscard]] Status encode_header(const Header& header, ByteSpan out);

}  // namespace ferry::payload
