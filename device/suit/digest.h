// SUIT_Digest = [algorithm, bytes].
#pragma once

#include "device/cbor/decoder.h"
#include "device/crypto/crypto.h"

namespace ferry::suit {

// Errors: kCbor*, kUnknownAlgorithm (only SHA-256 is taken), kManifestMalformed.
[[nodiscard]] Result<Sha256Digest> read_digest(cbor::Decoder& decoder);
// Of an encoded SUIT_Digest that is all of `encoded`.
[[nodiscard]] Result<Sha256Digest> decode_digest(ByteView encoded);

}  // namespace ferry::suit
