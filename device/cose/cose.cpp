#include "device/cose/cose.h"

#include "device/cbor/decoder.h"
#include "device/cbor/encoder.h"

namespace ferry::cose {
namespace {

constexpr std::uint64_t kTagSign1 = 18;
constexpr std::uint64_t kTagEncrypt = 96;
constexpr std::int64_t kLabelAlgorithm = 1;
constexpr std::int64_t kLabelIv = 5;
constexpr std::int64_t kLabelEphemeralKey = -1;
constexpr std::size_t kSignatureSize = 64;
constexpr std::size_t kWrappedKeySize = 24;
constexpr std::size_t kMaxRecipients = 8;
constexpr std::size_t kMaxHeaders = 8;

// The headers that Ferry looks at, of one map or of a protected and an unprotected one together.
struct Headers {
  std::optional<std::int64_t> algorithm;
  std::optional<ByteView> iv;
  std::optional<P256PublicKey> ephemeral_key;
};

// COSE_Key {1: 2 (EC2), -1: 1 (P-256), -2: x, -3: y}, in any order (RFC 9053, 7.1.1). Other labels are ignored.
Result<P256PublicKey> read_ec2_key(cbor::Decoder& decoder) {
  FERRY_TRY_ASSIGN(const std::size_t pairs, decoder.read_map());
  if (pairs > kMaxHeaders) {
    return fail(Error::kCborTooMany);
  }
  std::optional<std::int64_t> type;
  std::optional<std::int64_t> curve;
  std::optional<ByteView> x;
  std::optional<ByteView> y;
  for (std::size_t i = 0; i < pairs; ++i) {
    FERRY_TRY_ASSIGN(const std::int64_t label, decoder.read_integer());
    if ((label == 1 && type) || (label == -1 && curve) || (label == -2 && x) || (label == -3 && y)) {
      return fail(Error::kCborNotCanonical);
    }
    if (label == 1) {
      FERRY_TRY_ASSIGN(type, decoder.read_integer());
    } else if (label == -1) {
      FERRY_TRY_ASSIGN(curve, decoder.read_integer());
    } else if (label == -2) {
      FERRY_TRY_ASSIGN(x, decoder.read_bytes());
    } else if (label == -3) {
      FERRY_TRY_ASSIGN(y, decoder.read_bytes());
    } else {
      FERRY_TRY(decoder.read_item());
    }
  }
  if (type != 2 || curve != 1 || !x || !y || x->size() != 32 || y->size() != 32) {
    return fail(Error::kBadKey);
  }
  P256PublicKey key{0x04};
  copy(*x, ByteSpan(key).subspan(1));
  copy(*y, ByteSpan(key).subspan(33));
  return key;
}

Status read_header(cbor::Decoder& decoder, std::int64_t label, Headers& headers) {
  switch (label) {
    case kLabelAlgorithm: {
      if (headers.algorithm) {
        return fail(Error::kCborNotCanonical);
      }
      FERRY_TRY_ASSIGN(headers.algorithm, decoder.read_integer());
      return ok();
    }
    case kLabelIv: {
      if (headers.iv) {
        return fail(Error::kCborNotCanonical);
      }
      FERRY_TRY_ASSIGN(headers.iv, decoder.read_bytes());
      return ok();
    }
    case kLabelEphemeralKey: {
      if (headers.ephemeral_key) {
        return fail(Error::kCborNotCanonical);
      }
      FERRY_TRY_ASSIGN(headers.ephemeral_key, read_ec2_key(decoder));
      return ok();
    }
    default:
      FERRY_TRY(decoder.read_item());
      return ok();
  }
}

// Reads a header map in any order; what is there twice, also across the two maps, is refused.
Status read_headers(cbor::Decoder& decoder, Headers& headers) {
  FERRY_TRY_ASSIGN(const std::size_t pairs, decoder.read_map());
  if (pairs > kMaxHeaders) {
    return fail(Error::kCborTooMany);
  }
  for (std::size_t i = 0; i < pairs; ++i) {
    FERRY_TRY_ASSIGN(const cbor::Type type, decoder.peek());
    if (type == cbor::Type::kText) {
      FERRY_TRY(decoder.read_text());
      FERRY_TRY(decoder.read_item());
      continue;
    }
    FERRY_TRY_ASSIGN(const std::int64_t label, decoder.read_integer());
    FERRY_TRY(read_header(decoder, label, headers));
  }
  return ok();
}

// [protected bstr, unprotected map, ...]: both are read into `headers`; answers the protected bytes.
Result<ByteView> read_both_headers(cbor::Decoder& decoder, Headers& headers) {
  FERRY_TRY_ASSIGN(const ByteView protected_bytes, decoder.read_bytes());
  if (!protected_bytes.empty()) {
    cbor::Decoder inner(protected_bytes);
    FERRY_TRY(read_headers(inner, headers));
    FERRY_TRY(inner.expect_end());
  }
  FERRY_TRY(read_headers(decoder, headers));
  return protected_bytes;
}

Status expect_array(cbor::Decoder& decoder, std::size_t items) {
  FERRY_TRY_ASSIGN(const std::size_t count, decoder.read_array());
  return count == items ? ok() : fail(Error::kCborMalformed);
}

Status expect_tag(cbor::Decoder& decoder, std::uint64_t wanted) {
  FERRY_TRY_ASSIGN(const std::uint64_t tag, decoder.read_tag());
  return tag == wanted ? ok() : fail(Error::kCborWrongType);
}

// draft-ietf-suit-firmware-encryption: COSE_KDF_Context of ECDH-ES+A128KW.
Result<ByteView> kdf_context(ByteSpan buffer) {
  constexpr std::array<std::uint8_t, 4> protected_header = {0xA1, 0x01, 0x38, 0x1C};  // {1: -29}
  cbor::Encoder encoder(buffer);
  encoder.array(4).integer(kA128Kw);
  encoder.array(3).null().null().null();
  encoder.array(3).null().null().null();
  encoder.array(3).unsigned_integer(128).bytes(protected_header).bytes(as_bytes("SUIT Payload Encryption"));
  return encoder.finish();
}

struct Recipient {
  Headers headers;
  ByteView wrapped_key;
};

Result<Recipient> read_recipient(cbor::Decoder& decoder) {
  Recipient recipient;
  FERRY_TRY(expect_array(decoder, 3));
  FERRY_TRY(read_both_headers(decoder, recipient.headers));
  FERRY_TRY_ASSIGN(recipient.wrapped_key, decoder.read_bytes());
  return recipient;
}

Result<AesKey> open_recipient(const Recipient& recipient, const DecryptionKeys& keys) {
  if (recipient.wrapped_key.size() != kWrappedKeySize) {
    return fail(Error::kUnwrapFailed);
  }
  if (recipient.headers.algorithm == kA128Kw) {
    return crypto::unwrap_key(*keys.key_encryption, recipient.wrapped_key);
  }
  if (!recipient.headers.ephemeral_key) {
    return fail(Error::kBadKey);
  }
  std::array<std::uint8_t, 64> buffer{};
  FERRY_TRY_ASSIGN(const ByteView context, kdf_context(buffer));
  FERRY_TRY_ASSIGN(const AesKey wrapping, crypto::agree_p256(*keys.ecdh, *recipient.headers.ephemeral_key, context));
  return crypto::unwrap_key(wrapping, recipient.wrapped_key);
}

bool fits(const Recipient& recipient, const DecryptionKeys& keys) {
  return (recipient.headers.algorithm == kEcdhEsA128Kw && keys.ecdh) ||
         (recipient.headers.algorithm == kA128Kw && keys.key_encryption);
}

// Any of the recipients may be this device: the first whose key unwraps is taken.
Result<AesKey> open_any_recipient(cbor::Decoder& decoder, const DecryptionKeys& keys) {
  FERRY_TRY_ASSIGN(const std::size_t recipients, decoder.read_array());
  if (recipients > kMaxRecipients) {
    return fail(Error::kCborTooMany);
  }
  Result<AesKey> key = fail(Error::kNoRecipient);
  for (std::size_t i = 0; i < recipients; ++i) {
    FERRY_TRY_ASSIGN(const Recipient recipient, read_recipient(decoder));
    if (!key && fits(recipient, keys)) {
      key = open_recipient(recipient, keys);
    }
  }
  return key;
}

Result<bool> verify_with(const TrustAnchor& anchor, ByteView signed_bytes, ByteView signature) {
  const Status verified = crypto::verify_p256(anchor.key, signed_bytes, signature);
  if (!verified && verified.error() != Error::kBadSignature && verified.error() != Error::kBadKey) {
    return fail(verified.error());
  }
  return verified.has_value();
}

}  // namespace

Status verify_sign1(ByteView message, ByteView payload, std::span<const TrustAnchor> anchors) {
  cbor::Decoder decoder(message);
  Headers headers;
  FERRY_TRY(expect_tag(decoder, kTagSign1));
  FERRY_TRY(expect_array(decoder, 4));
  FERRY_TRY_ASSIGN(const ByteView protected_bytes, decoder.read_bytes());
  cbor::Decoder protected_map(protected_bytes);  // the algorithm counts only where the signature covers it
  FERRY_TRY(read_headers(protected_map, headers));
  FERRY_TRY(protected_map.expect_end());
  Headers unprotected;
  FERRY_TRY(read_headers(decoder, unprotected));
  FERRY_TRY(decoder.read_null());
  FERRY_TRY_ASSIGN(const ByteView signature, decoder.read_bytes());
  FERRY_TRY(decoder.expect_end());
  if (!headers.algorithm || unprotected.algorithm) {
    return fail(Error::kUnknownAlgorithm);
  }
  std::array<std::uint8_t, 128> buffer{};
  cbor::Encoder encoder(buffer);
  encoder.array(4).text("Signature1").bytes(protected_bytes).bytes({}).bytes(payload);
  FERRY_TRY_ASSIGN(const ByteView signed_bytes, encoder.finish());
  bool bound = false;
  for (const TrustAnchor& anchor : anchors) {
    if (anchor.algorithm != *headers.algorithm) {
      continue;
    }
    bound = true;
    FERRY_TRY_ASSIGN(const bool verified, verify_with(anchor, signed_bytes, signature));
    if (verified && signature.size() == kSignatureSize) {
      return ok();
    }
  }
  return fail(bound ? Error::kBadSignature : Error::kUnknownAlgorithm);
}

Result<ContentKey> open_encrypt(ByteView message, const DecryptionKeys& keys) {
  cbor::Decoder decoder(message);
  Headers headers;
  FERRY_TRY(expect_tag(decoder, kTagEncrypt));
  FERRY_TRY(expect_array(decoder, 4));
  FERRY_TRY(read_both_headers(decoder, headers));
  FERRY_TRY(decoder.read_null());
  if (headers.algorithm != kA128Ctr) {
    return fail(Error::kUnknownAlgorithm);
  }
  ContentKey content{};
  if (!headers.iv || headers.iv->size() != content.iv.size()) {
    return fail(Error::kCborMalformed);
  }
  copy(*headers.iv, content.iv);
  FERRY_TRY_ASSIGN(content.key, open_any_recipient(decoder, keys));
  FERRY_TRY(decoder.expect_end());
  return content;
}

}  // namespace ferry::cose
