#include "host/sealed.h"

#include <algorithm>

#include "device/payload/container.h"
#include "host/command_sequence.h"
#include "host/failure.h"
#include "host/suit_cose.h"

namespace ferry::host {

Bytes seal_payload(ByteView plaintext, const P256PublicKey& recipient) {
  const EncryptedPayload encrypted = encrypt_payload(plaintext, recipient);
  Bytes sealed(payload::kSealSize);
  if (!payload::encode_seal(encrypted.encryption_info.size(), sealed)) {
    throw Failure("the payload's encryption info has {} bytes, more than a device takes",
                  encrypted.encryption_info.size());
  }
  append(sealed, encrypted.encryption_info);
  append(sealed, encrypted.ciphertext);
  return sealed;
}

std::optional<SealedView> read_seal(ByteView payload) {
  const auto info = payload::sealed_by(payload.first(std::min(payload.size(), payload::kLongestSeal)));
  if (!info || info->empty()) {
    return std::nullopt;
  }
  return SealedView{.encryption_info = *info, .ciphertext = payload.subspan(payload::kSealSize + info->size())};
}

}  // namespace ferry::host
