// COSE messages for tests, made with OpenSSL's keys; every part can be made wrong.
#pragma once

#include "device/cbor/encoder.h"
#include "device/cose/cose.h"
#include "device/crypto/openssl_test_util.h"

namespace ferry::cose {

using openssl::Bytes;

template <typename Write>
Bytes cbor_of(Write&& write) {
  Bytes buffer(2048);
  cbor::Encoder encoder(buffer);
  write(encoder);
  buffer.resize(encoder.finish().value().size());
  return buffer;
}

inline Bytes algorithm_map(std::int64_t algorithm) {
  return cbor_of([&](cbor::Encoder& out) { out.map(1).integer(1).integer(algorithm); });
}

struct Sign1Parts {
  std::uint64_t tag = 18;
  Bytes protected_header = algorithm_map(kEsp256);
  Bytes unprotected_map = {0xA0};
  Bytes payload = {0xF6};  // detached
  Bytes signature;
};

inline Bytes encode(const Sign1Parts& parts) {
  return cbor_of([&](cbor::Encoder& out) {
    out.tag(parts.tag).array(4).bytes(parts.protected_header).raw(parts.unprotected_map).raw(parts.payload);
    out.bytes(parts.signature);
  });
}

inline Bytes sign(const openssl::P256Key& key, ByteView protected_header, ByteView payload) {
  return key.sign(cbor_of(
      [&](cbor::Encoder& out) { out.array(4).text("Signature1").bytes(protected_header).bytes({}).bytes(payload); }));
}

inline Bytes kdf_context(ByteView protected_header) {
  return cbor_of([&](cbor::Encoder& out) {
    out.array(4).integer(kA128Kw).array(3).null().null().null().array(3).null().null().null();
    out.array(3).unsigned_integer(128).bytes(protected_header).bytes(as_bytes("SUIT Payload Encryption"));
  });
}

inline Bytes ec2_key(const P256PublicKey& point) {
  return cbor_of([&](cbor::Encoder& out) {
    out.map(4).integer(1).integer(2).integer(-1).integer(1);
    out.integer(-2).bytes(ByteView(point).subspan(1, 32)).integer(-3).bytes(ByteView(point).subspan(33));
  });
}

struct RecipientParts {
  Bytes protected_header;
  Bytes unprotected_map;
  Bytes wrapped_key;
};

inline RecipientParts ecdh_recipient(const P256PublicKey& device, const openssl::P256Key& ephemeral,
                                     const AesKey& content_key) {
  RecipientParts parts{.protected_header = algorithm_map(kEcdhEsA128Kw), .unprotected_map = {}, .wrapped_key = {}};
  parts.unprotected_map =
      cbor_of([&](cbor::Encoder& out) { out.map(1).integer(-1).raw(ec2_key(ephemeral.public_key())); });
  const AesKey wrapping = openssl::hkdf(ephemeral.agree(device), kdf_context(parts.protected_header));
  parts.wrapped_key = openssl::wrap(wrapping, content_key);
  return parts;
}

inline RecipientParts key_wrap_recipient(const AesKey& key_encryption, const AesKey& content_key) {
  return {.protected_header = {},
          .unprotected_map = algorithm_map(kA128Kw),
          .wrapped_key = openssl::wrap(key_encryption, content_key)};
}

struct EncryptParts {
  std::uint64_t tag = 96;
  Bytes protected_header;
  Bytes unprotected_map;
  Bytes ciphertext = {0xF6};  // detached
  std::vector<RecipientParts> recipients;
};

inline Bytes content_headers(const AesBlock& iv, std::int64_t algorithm = kA128Ctr) {
  return cbor_of([&](cbor::Encoder& out) { out.map(2).integer(1).integer(algorithm).integer(5).bytes(iv); });
}

inline Bytes encode(const EncryptParts& parts) {
  return cbor_of([&](cbor::Encoder& out) {
    out.tag(parts.tag).array(4).bytes(parts.protected_header).raw(parts.unprotected_map).raw(parts.ciphertext);
    out.array(parts.recipients.size());
    for (const RecipientParts& recipient : parts.recipients) {
      out.array(3).bytes(recipient.protected_header).raw(recipient.unprotected_map).bytes(recipient.wrapped_key);
    }
  });
}

}  // namespace ferry::cose
