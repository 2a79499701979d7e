// The COSE side of a release: encrypting payloads to a class key, signing envelopes (draft-ietf-suit-manifest-37,
// draft-ietf-suit-firmware-encryption-24; RFC 9052, 9053). device/cose is its counterpart.
#pragma once

#include <vector>

#include "host/bytes.h"
#include "host/ec_key.h"

namespace ferry::host {

struct EncryptedPayload {
  Bytes ciphertext;
  Bytes encryption_info;  // encoded COSE_Encrypt, tag 96
};
// A fresh content key, IV and ephemeral key every time.
[[nodiscard]] EncryptedPayload encrypt_payload(ByteView plaintext, const P256PublicKey& recipient);

struct SeveredMember {
  std::uint8_t label;  // such as 23, text
  Bytes content;       // without the byte string's head
};
// `manifest`: the encoded SUIT_Manifest map. Members with the severable content go into the envelope.
[[nodiscard]] Bytes sign_envelope(ByteView manifest, const EcPrivateKey& key,
                                  const std::vector<SeveredMember>& severed = {});
// The same with further members as they are encoded, `pairs` of label and value in order.
[[nodiscard]] Bytes sign_envelope_with(ByteView manifest, const EcPrivateKey& key, ByteView members, std::size_t pairs);
// The bytes that a signature covers: ["Signature1", protected, h'', encoded SUIT_Digest of the manifest].
[[nodiscard]] Bytes signature_structure(ByteView manifest);
// SHA-256 over the manifest as a byte string with its head: what is signed.
[[nodiscard]] Sha256Digest manifest_digest(ByteView manifest);

}  // namespace ferry::host
