#include "device/cose/cose.h"

#include "device/cbor/encoder.h"
#include "device/cbor/reader.h"

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

// The headers that Ferry looks at, of one map or of a protected and an unprotected one together. A header that is not
// there is 0 or has no data().
struct Headers {
  std::int64_t algorithm = 0;
  ByteView iv;
  ByteView ephemeral_key;  // encoded; a recipient that is not for this device may have any kind
};

// What is there twice, also across the two maps, is refused.
void take_once(cbor::Reader& reader, ByteView& field, ByteView value) {
  reader.require(field.data() == nullptr, Error::kCborNotCanonical);
  field = value;
}
void take_once(cbor::Reader& reader, std::int64_t& field, std::int64_t value) {
  reader.require(field == 0, Error::kCborNotCanonical);
  field = value;
}

void read_header(cbor::Reader& reader, Headers& headers) {
  switch (reader.integer()) {
    case kLabelAlgorithm:
      return take_once(reader, headers.algorithm, reader.integer());
    case kLabelCritical:  // headers that must be understood: none is
      return reader.require(false, Error::kUnsupported);
    case kLabelIv:
      return take_once(reader, headers.iv, reader.bytes());
    case kLabelEphemeralKey:
      return take_once(reader, headers.ephemeral_key, reader.item());
    default:
      static_cast<void>(reader.item());
  }
}

// Reads a header map in any order.
void read_headers(cbor::Reader& reader, Headers& headers) {
  const std::size_t pairs = reader.map();
  reader.require(pairs <= kMaxHeaders, Error::kCborTooMany);
  for (std::size_t i = 0; i < pairs && reader.good(); ++i) {
    if (reader.peek() == cbor::Type::kText) {
      static_cast<void>(reader.text());
      static_cast<void>(reader.item());
    } else {
      read_header(reader, headers);
    }
  }
}

// [protected bstr, unprotected map, ...]: both are read into `headers`; answers the protected bytes.
ByteView read_both_headers(cbor::Reader& reader, Headers& headers) {
  const ByteView protected_bytes = reader.bytes();
  if (!protected_bytes.empty()) {
    cbor::Reader inner(protected_bytes);
    read_headers(inner, headers);
    reader.end(inner);
  }
  read_headers(reader, headers);
  return protected_bytes;
}

void expect_tag(cbor::Reader& reader, std::uint64_t wanted) {
  reader.require(reader.tag() == wanted, Error::kCborWrongType);
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

Recipient read_recipient(cbor::Reader& reader) {
  Recipient recipient;
  reader.array(3);
  recipient.protected_header = read_both_headers(reader, recipient.headers);
  recipient.wrapped_key = reader.bytes();
  return recipient;
}

// COSE_Key {1: 2 (EC2), -1: 1 (P-256), -2: x, -3: y}, in any order (RFC 9053, 7.1.1). Other labels are ignored.
Result<P256PublicKey> read_ec2_key(ByteView encoded) {
  cbor::Reader reader(encoded);
  const std::size_t pairs = reader.map();
  reader.require(pairs <= kMaxHeaders, Error::kCborTooMany);
  std::int64_t type = 0;
  std::int64_t curve = 0;
  ByteView x;
  ByteView y;
  for (std::size_t i = 0; i < pairs && reader.good(); ++i) {
    switch (reader.integer()) {
      case 1:
        take_once(reader, type, reader.integer());
        break;
      case -1:
        take_once(reader, curve, reader.integer());
        break;
      case -2:
        take_once(reader, x, reader.bytes());
        break;
      case -3:
        take_once(reader, y, reader.bytes());
        break;
      default:
        static_cast<void>(reader.item());
    }
  }
  FERRY_TRY(reader.status());
  if (type != kEc2 || curve != kP256 || x.size() != kCoordinateSize || y.size() != kCoordinateSize) {
    return fail(Error::kBadKey);
  }
  P256PublicKey key{0x04};
  copy(x, ByteSpan(key).subspan(1));
  copy(y, ByteSpan(key).subspan(1 + kCoordinateSize));
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
  if (recipient.headers.ephemeral_key.empty()) {
    return fail(Error::kBadKey);
  }
  FERRY_TRY_ASSIGN(const P256PublicKey ephemeral, read_ec2_key(recipient.headers.ephemeral_key));
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
Result<AesKey> open_any_recipient(cbor::Reader& reader, const DecryptionKeys& keys) {
  const std::size_t recipients = reader.array();
  reader.require(recipients <= kMaxRecipients, Error::kCborTooMany);
  Result<AesKey> key = fail(Error::kNoRecipient);
  for (std::size_t i = 0; i < recipients && reader.good(); ++i) {
    const Recipient recipient = read_recipient(reader);
    if (reader.good() && !key && fits(recipient, keys)) {
      key = open_recipient(recipient, keys);
    }
  }
  reader.end();
  FERRY_TRY(reader.status());
  return key;
}

struct Sign1 {
  std::int64_t algorithm = 0;
  ByteView protected_header;
  ByteView signature;
};

// The algorithm counts only where the signature covers it.
Sign1 read_sign1(cbor::Reader& reader) {
  expect_tag(reader, kTagSign1);
  reader.array(4);
  Sign1 sign1;
  sign1.protected_header = reader.bytes();
  cbor::Reader protected_map(sign1.protected_header);
  Headers covered;
  read_headers(protected_map, covered);
  reader.end(protected_map);
  Headers loose;
  read_headers(reader, loose);
  reader.null();
  sign1.signature = reader.bytes();
  reader.end();
  reader.require(covered.algorithm != 0 && loose.algorithm == 0, Error::kUnknownAlgorithm);
  sign1.algorithm = covered.algorithm;
  return sign1;
}

}  // namespace

Status verify_sign1(ByteView message, ByteView payload, std::span<const TrustAnchor> anchors) {
  cbor::Reader reader(message);
  const Sign1 sign1 = read_sign1(reader);
  FERRY_TRY(reader.status());
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
  cbor::Reader reader(message);
  Headers headers;
  expect_tag(reader, kTagEncrypt);
  reader.array(4);
  const ByteView protected_header = read_both_headers(reader, headers);
  reader.null();
  reader.require(headers.algorithm == kA128Ctr, Error::kUnknownAlgorithm);
  ContentKey content{};
  // Counter mode protects no headers (RFC 9459, 4).
  reader.require(protected_header.empty() && headers.iv.size() == content.iv.size(), Error::kCborMalformed);
  FERRY_TRY(reader.status());
  copy(headers.iv, content.iv);
  FERRY_TRY_ASSIGN(content.key, open_any_recipient(reader, keys));
  return content;
}

}  // namespace ferry::cose
