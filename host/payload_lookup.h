// Which component of a manifest a payload file belongs to, and how it is encrypted.
#pragma once

#include <optional>
#include <string>

#include "device/crypto/crypto.h"
#include "host/bytes.h"

namespace ferry::host {

struct PayloadUse {
  std::size_t component = 0;                   // the component that the payload is copied into
  std::optional<Bytes> encryption_info;        // encoded COSE_Encrypt; absent: in clear
  std::optional<Sha256Digest> precursor = {};  // the image that a device must run to take it; absent: any
};

// Runs the manifest's own sequences to see what becomes of the payload with this digest; the signature is not judged.
[[nodiscard]] std::optional<PayloadUse> find_payload(ByteView envelope, const Sha256Digest& digest);

}  // namespace ferry::host
