// What a payload file holds, after decryption. spec/payload.md has the bytes.
//
// A plain image is itself: no header, so that any SUIT implementation can install it. Every other kind begins with
// kMagic; a plain image that happens to begin with kMagic is wrapped as kRaw.
//   magic[4] | version and kind u8 | image size u32le | body...
//
// A sealed payload says itself how it is encrypted, in clear; what it encrypts is one of the above.
//   magic[4] | version and kSealed u8 | length u8 | COSE_Encrypt, so long | ciphertext...
#pragma once

#include <array>

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry::payload {

inline constexpr std::array<std::uint8_t, 4> kMagic = {0x89, 'F', 0x0D, 0x0A};
inline constexpr std::size_t kHeaderSize = 9;
inline constexpr std::size_t kSealSize = 6;       // in front of the COSE_Encrypt
inline constexpr std::size_t kLongestSeal = 256;  // both together, as every device takes it
inline constexpr std::uint8_t kVersion = 1;       // of four bits, as a kind has

// kPlain: no header. kSealed: what is behind it is encrypted.
enum class Kind : std::uint8_t { kPlain = 0, kRaw = 1, kPacked = 2, kDelta = 3, kSealed = 4 };

struct Header {
  Kind kind = Kind::kPlain;
  std::uint32_t image_size = 0;
};

// `start`: the first bytes of the payload, kHeaderSize of them or the whole payload where that is shorter;
// `payload_size`: of the whole payload. Errors: kPayloadMalformed, kPayloadKindUnsupported.
[[nodiscard]] Result<Header> decode_header(ByteView start, std::uint32_t payload_size);
// The COSE_Encrypt of a sealed payload; empty where it is not sealed. `start`: the payload's first bytes, kLongestSeal
// of them or more, or all. Errors: kPayloadMalformed (it does not end in `start`).
[[nodiscard]] Result<ByteView> sealed_by(ByteView start);
// What stands in front of a COSE_Encrypt of `length` bytes. Errors: kNoSpace, kInvalidArgument (too long, or nothing).
[[nodiscard]] Status encode_seal(std::size_t length, ByteSpan out);
// Errors: kNoSpace, kInvalidArgument (a plain image has no header, a sealed payload another).
[[nodiscard]] Status encode_header(const Header& header, ByteSpan out);

}  // namespace ferry::payload
