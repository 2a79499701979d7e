// Sealed payloads: encrypted, with what says how in front (spec/payload.md).
#pragma once

#include <optional>

#include "host/bytes.h"
#include "host/ec_key.h"

namespace ferry::host {

// A fresh content key, IV and ephemeral key every time.
[[nodiscard]] Bytes seal_payload(ByteView plaintext, const P256PublicKey& recipient);

struct SealedView {
  ByteView encryption_info;
  ByteView ciphertext;
};
// Nothing where `payload` is not sealed, or not as a device takes it.
[[nodiscard]] std::optional<SealedView> read_seal(ByteView payload);

}  // namespace ferry::host
