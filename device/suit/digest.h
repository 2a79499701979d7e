// SUIT_Digest = [algorithm, bytes].
#pragma once

#include "device/cbor/reader.h"
#include "device/crypto/crypto.h"

namespace ferry::suit {

// The 32 bytes of a SHA-256 digest. Errors, in the reader: kCbor*, kUnknownAlgorithm (only SHA-256 is taken),
// kManifestMalformed.
[[nodiscard]] ByteView read_digest(cbor::Reader& reader);
// Of an encoded SUIT_Digest that is all of a byte string.
[[nodiscard]] ByteView read_wrapped_digest(cbor::Reader& reader);

}  // namespace ferry::suit
