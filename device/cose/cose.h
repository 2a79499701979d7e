// COSE as the SUIT profile needs it (RFC 9052, 9053, 9864; draft-ietf-suit-firmware-encryption).
#pragma once

#include <optional>

#include "device/crypto/crypto.h"

namespace ferry::cose {

// Algorithm ids (IANA COSE registry).
inline constexpr std::int64_t kEsp256 = -9;
inline constexpr std::int64_t kEs256Deprecated = -7;  // accepted only where a trust anchor is bound to it
inline constexpr std::int64_t kEcdhEsA128Kw = -29;
inline constexpr std::int64_t kA128Kw = -3;
inline constexpr std::int64_t kA128Ctr = -65534;
inline constexpr std::int64_t kSha256 = -16;

// A public key together with the one algorithm it may be used with.
struct TrustAnchor {
  std::int64_t algorithm = kEsp256;
  P256PublicKey key{};
};

// Verifies a tagged (18), detached COSE_Sign1 over `payload` with the first anchor that is bound to its algorithm and
// whose key verifies. Sig_structure = ["Signature1", protected, h'', payload].
// A signature that is not r || s of 64 bytes never verifies. Errors: kCbor*, kUnknownAlgorithm (no anchor bound to the
// algorithm), kBadSignature, kBadKey (an anchor's), kUnsupported (a critical header), kNoSpace (protected header or
// payload past what a SUIT digest needs: 110 bytes together).
[[nodiscard]] Status verify_sign1(ByteView message, ByteView payload, std::span<const TrustAnchor> anchors);

// What a device can open encrypted payloads with; either may be absent.
struct DecryptionKeys {
  std::optional<P256PrivateKey> ecdh;    // ECDH-ES+A128KW
  std::optional<AesKey> key_encryption;  // A128KW
};

struct ContentKey {
  AesKey key;
  AesBlock iv;
};

// Opens a tagged (96), detached COSE_Encrypt with content algorithm A128CTR: finds the recipient that fits one of
// `keys` and unwraps the content key. The KDF context is the one of draft-ietf-suit-firmware-encryption. Headers may
// come in any order, but once; recipients with other algorithms are passed over.
// Errors: kCbor*, kUnknownAlgorithm, kNoRecipient, kUnwrapFailed, kBadKey, kUnsupported (a critical header).
[[nodiscard]] Result<ContentKey> open_encrypt(ByteView message, const DecryptionKeys& keys);

}  // namespace ferry::cose
