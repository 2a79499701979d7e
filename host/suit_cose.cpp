#include "host/suit_cose.h"

#include "device/cose/cose.h"
#include "host/cbor.h"
#include "host/command_sequence.h"
#include "host/crypto.h"
#include "host/suit_labels.h"

namespace ferry::host {
namespace {

// COSE header and key labels (RFC 9052, 9053).
constexpr std::int64_t kAlgorithm = 1;
constexpr std::int64_t kIv = 5;
constexpr std::int64_t kEphemeralKey = -1;
constexpr std::int64_t kKeyType = 1;
constexpr std::int64_t kKeyTypeEc2 = 2;
constexpr std::int64_t kCurve = -1;
constexpr std::int64_t kCurveP256 = 1;
constexpr std::int64_t kX = -2;
constexpr std::int64_t kY = -3;
constexpr std::size_t kCoordinate = 32;

Bytes algorithm_header(std::int64_t algorithm) {
  return encode_cbor([&](cbor::Encoder& out) { out.map(1).integer(kAlgorithm).integer(algorithm); });
}

// draft-ietf-suit-firmware-encryption-24, 6.2.3: the context that the key encryption key is derived with.
Bytes kdf_context() {
  return encode_cbor([](cbor::Encoder& out) {
    out.array(4).integer(cose::kA128Kw);
    out.array(3).null().null().null();
    out.array(3).null().null().null();
    out.array(3)
        .unsigned_integer(128)
        .bytes(algorithm_header(cose::kEcdhEsA128Kw))
        .bytes(as_bytes("SUIT Payload Encryption"));
  });
}

void write_recipient(cbor::Encoder& out, const P256PublicKey& ephemeral, ByteView wrapped) {
  out.array(3).bytes(algorithm_header(cose::kEcdhEsA128Kw));
  out.map(1).integer(kEphemeralKey).map(4);
  out.integer(kKeyType).integer(kKeyTypeEc2).integer(kCurve).integer(kCurveP256);
  out.integer(kX).bytes(ByteView(ephemeral).subspan(1, kCoordinate));
  out.integer(kY).bytes(ByteView(ephemeral).subspan(1 + kCoordinate, kCoordinate));
  out.bytes(wrapped);
}

}  // namespace

EncryptedPayload encrypt_payload(ByteView plaintext, const P256PublicKey& recipient) {
  const auto content_key = random_array<AesKey>();
  const auto iv = random_array<AesBlock>();
  const EcPrivateKey ephemeral = EcPrivateKey::generate();
  const AesKey key_encryption_key = hkdf_sha256(ephemeral.agree(EcPublicKey::from_point(recipient)), kdf_context());
  const Bytes wrapped = wrap_key(key_encryption_key, content_key);
  const P256PublicKey ephemeral_point = ephemeral.public_key().point();
  EncryptedPayload payload;
  payload.ciphertext = aes_ctr(content_key, iv, plaintext);
  payload.encryption_info = encode_cbor([&](cbor::Encoder& out) {
    out.tag(label::kEncryptTag).array(4).bytes({});
    out.map(2).integer(kAlgorithm).integer(cose::kA128Ctr).integer(kIv).bytes(iv);
    out.null().array(1);
    write_recipient(out, ephemeral_point, wrapped);
  });
  return payload;
}

Sha256Digest manifest_digest(ByteView manifest) {
  return sha256(cbor_bytes(manifest));
}

Bytes signature_structure(ByteView manifest) {
  const Bytes digest = encode_digest(manifest_digest(manifest));
  return encode_cbor([&](cbor::Encoder& out) {
    out.array(4).text("Signature1").bytes(algorithm_header(cose::kEsp256)).bytes({}).bytes(digest);
  });
}

Bytes sign_envelope(ByteView manifest, const EcPrivateKey& key, const std::vector<SeveredMember>& severed) {
  Bytes members;
  for (const SeveredMember& member : severed) {
    append(members, encode_cbor([&](cbor::Encoder& out) { out.unsigned_integer(member.label).bytes(member.content); }));
  }
  return sign_envelope_with(manifest, key, members, severed.size());
}

Bytes sign_envelope_with(ByteView manifest, const EcPrivateKey& key, ByteView members, std::size_t pairs) {
  const Bytes signature = key.sign(signature_structure(manifest));
  const Bytes sign1 = encode_cbor([&](cbor::Encoder& out) {
    out.tag(label::kSign1Tag).array(4).bytes(algorithm_header(cose::kEsp256)).map(0).null().bytes(signature);
  });
  const Bytes wrapper = encode_cbor(
      [&](cbor::Encoder& out) { out.array(2).bytes(encode_digest(manifest_digest(manifest))).bytes(sign1); });
  return encode_cbor([&](cbor::Encoder& out) {
    out.tag(label::kEnvelopeTag).map(2 + pairs);
    out.unsigned_integer(label::kAuthenticationWrapper).bytes(wrapper);
    out.unsigned_integer(label::kManifest).bytes(manifest).raw(members);
  });
}

}  // namespace ferry::host
