#include "device/cose/cose.h"

#include "device/cbor/decoder.h"
#include "device/cbor/encoder.h"

namespace ferry::cose {
namespace {

constexpr std::uint64_t kTagSign1 = 18;
constexpr std::uint64_t kTagEncrypt = 96;
constexpr std::int64_t kLabelAlgorithm = 1;
constexpr std::int64_t kLabelCritical = 2;
constexpr std::int64_t kLabelIv = 5;
constexpr std::int64_t kLabelEphemeralKey = -1;
constexpr std::size_t kCoordinateSize = 32;
constexpr std::int64_t kEc2 = 2;
constexpr std::int64_t kP256 = 1;
constexpr std::array<std::uint8_t, 4> kEcdhProtected = {0xA1, 0x01, 0x38, 0x1C};  // {1: -29}
constexpr std::size_t kMaxRecipients = 8;
constexpr std::size_t kMaxHeaders = 8;

// The headers that Ferry looks at, of one map or of a protected and an unprotected one together.
struct Headers {
  std::optional<std::int64_t> algorithm;
  std::optional<ByteView> iv;
  std::optional<ByteView> ephemeral_key;  // encoded; a recipient that is not for this device may have any kind
};

// Stores what was read; kCborNotCanonical where the same label came before.
template <typename T>
Status read_once(std::optional<T>& field, Result<T> value) {
  FERRY_TRY(value);
  if (field) {
    return fail(Error::kCborNotCanonical);
  }
  field = *value;
  return ok();
}

Status read_header(cbor::Decoder& decoder, std::int64_t label, Headers& headers) {
  switch (label) {
    case kLabelAlgorithm:
      return read_once(headers.algorithm, decoder.read_integer());
    case kLabelCritical:
      return fail(Error::kUnsupported);  // headers that must be understood: none is
    case kLabelIv:
      return read_once(headers.iv, decoder.read_bytes());
    case kLabelEphemeralKey:
      return read_once(headers.ephemeral_key, decoder.read_item());
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
  cbor::Encoder encoder(buffer);
  encoder.array(4).integer(kA128Kw);
  encoder.array(3).null().null().null();
  encoder.array(3).null().null().null();
  encoder.array(3).unsigned_integer(128).bytes(kEcdhProtected).bytes(as_bytes("SUIT Payload Encryption"));
  return encoder.finish();
}

struct Recipient {
  Headers headers;
  ByteView protected_header;
  ByteView wrapped_key;
};

Result<Recipient> read_recipient(cbor::Decoder& decoder) {
  Recipient recipient;
  FERRY_TRY(expect_array(decoder, 3));
  FERRY_TRY_ASSIGN(recipient.protected_header, read_both_headers(decoder, recipient.headers));
  FERRY_TRY_ASSIGN(recipient.wrapped_key, decoder.read_bytes());
  return recipient;
}

// COSE_Key {1: 2 (EC2), -1: 1 (P-256), -2: x, -3: y}, in any order (RFC 9053, 7.1.1). Other labels are ignored.
struct Ec2Key {
  std::optional<std::int64_t> type;
  std::optional<std::int64_t> curve;
  std::optional<ByteView> x;
  std::optional<ByteView> y;
};

Status read_ec2_member(cbor::Decoder& decoder, Ec2Key& key) {
  FERRY_TRY_ASSIGN(const std::int64_t label, decoder.read_integer());
  switch (label) {
    case 1:
      return read_once(key.type, decoder.read_integer());
    case -1:
      return read_once(key.curve, decoder.read_integer());
    case -2:
      return read_once(key.x, decoder.read_bytes());
    case -3:
      return read_once(key.y, decoder.read_bytes());
    default:
      FERRY_TRY(decoder.read_item());
      return ok();
  }
}

Result<P256PublicKey> read_ec2_key(ByteView encoded) {
  cbor::Decoder decoder(encoded);
  FERRY_TRY_ASSIGN(const std::size_t pairs, decoder.read_map());
  if (pairs > kMaxHeaders) {
    return fail(Error::kCborTooMany);
  }
  Ec2Key read;
  for (std::size_t i = 0; i < pairs; ++i) {
    FERRY_TRY(read_ec2_member(decoder, read));
  }
  if (read.type != kEc2 || read.curve != kP256 || !read.x || !read.y || read.x->size() != kCoordinateSize ||
      read.y->size() != kCoordinateSize) {
    return fail(Error::kBadKey);
  }
  P256PublicKey key{0x04};
  copy(*read.x, ByteSpan(key).subspan(1));
  copy(*read.y, ByteSpan(key).subspan(1 + kCoordinateSize));
  return key;
}

// AES key wrap protects no headers, so it must have none that claim to be (RFC 9053, 6.2.1).
Result<AesKey> open_key_wrap(const Recipient& recipient, const AesKey& key) {
  if (!recipient.protected_header.empty()) {
    return fail(Error::kCborMalformed);
  }
  return crypto::unwrap_key(key, recipient.wrapped_key);
}

// The protected header is part of the KDF context, hence exactly the one that the profile has.
Result<AesKey> open_ecdh(const Recipient& recipient, const P256PrivateKey& key) {
  if (!equal(recipient.protected_header, kEcdhProtected)) {
    return fail(Error::kCborMalformed);
  }
  if (!recipient.headers.ephemeral_key) {
    return fail(Error::kBadKey);
  }
  FERRY_TRY_ASSIGN(const P256PublicKey ephemeral, read_ec2_key(*recipient.headers.ephemeral_key));
  std::array<std::uint8_t, 64> buffer{};
  FERRY_TRY_ASSIGN(const ByteView context, kdf_context(buffer));
  FERRY_TRY_ASSIGN(const AesKey wrapping, crypto::agree_p256(key, ephemeral, context));
  return crypto::unwrap_key(wrapping, recipient.wrapped_key);
}

Result<AesKey> open_recipient(const Recipient& recipient, const DecryptionKeys& keys) {
  return recipient.headers.algorithm == kA128Kw ? open_key_wrap(recipient, *keys.key_encryption)
                                                : open_ecdh(recipient, *keys.ecdh);
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

struct Sign1 {
  std::int64_t algorithm = 0;
  ByteView protected_header;
  ByteView signature;
};

// The algorithm counts only where the signature covers it.
Result<Sign1> read_sign1(ByteView message) {
  cbor::Decoder decoder(message);
  FERRY_TRY(expect_tag(decoder, kTagSign1));
  FERRY_TRY(expect_array(decoder, 4));
  Sign1 sign1;
  FERRY_TRY_ASSIGN(sign1.protected_header, decoder.read_bytes());
  cbor::Decoder protected_map(sign1.protected_header);
  Headers covered;
  FERRY_TRY(read_headers(protected_map, covered));
  FERRY_TRY(protected_map.expect_end());
  Headers loose;
  FERRY_TRY(read_headers(decoder, loose));
  FERRY_TRY(decoder.read_null());
  FERRY_TRY_ASSIGN(sign1.signature, decoder.read_bytes());
  FERRY_TRY(decoder.expect_end());
  if (!covered.algorithm || loose.algorithm) {
    return fail(Error::kUnknownAlgorithm);
  }
  sign1.algorithm = *covered.algorithm;
  return sign1;
}

}  // namespace

Status verify_sign1(ByteView message, ByteView payload, std::span<const TrustAnchor> anchors) {
  FERRY_TRY_ASSIGN(const Sign1 sign1, read_sign1(message));
  std::array<std::uint8_t, 128> buffer{};
  cbor::Encoder encoder(buffer);
  encoder.array(4).text("Signature1").bytes(sign1.protected_header).bytes({}).bytes(payload);
  FERRY_TRY_ASSIGN(const ByteView signed_bytes, encoder.finish());
  Status status = fail(Error::kUnknownAlgorithm);
  const bool known = sign1.algorithm == kEsp256 || sign1.algorithm == kEs256Deprecated;
  for (const TrustAnchor& anchor : anchors) {
    if (known && anchor.algorithm == sign1.algorithm) {
      status = crypto::verify_p256(anchor.key, signed_bytes, sign1.signature);
    }
    if (status) {
      return ok();
    }
  }
  return status;
}

Result<ContentKey> open_encrypt(ByteView message, const DecryptionKeys& keys) {
  cbor::Decoder decoder(message);
  Headers headers;
  FERRY_TRY(expect_tag(decoder, kTagEncrypt));
  FERRY_TRY(expect_array(decoder, 4));
  FERRY_TRY_ASSIGN(const ByteView protected_header, read_both_headers(decoder, headers));
  FERRY_TRY(decoder.read_null());
  if (headers.algorithm != kA128Ctr) {
    return fail(Error::kUnknownAlgorithm);
  }
  ContentKey content{};
  if (!protected_header.empty() || !headers.iv || headers.iv->size() != content.iv.size()) {
    return fail(Error::kCborMalformed);  // counter mode protects no headers (RFC 9459, 4)
  }
  copy(*headers.iv, content.iv);
  FERRY_TRY_ASSIGN(content.key, open_any_recipient(decoder, keys));
  FERRY_TRY(decoder.expect_end());
  return content;
}

}  // namespace ferry::cose
