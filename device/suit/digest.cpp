#include "device/suit/digest.h"

#include "device/cose/cose.h"

namespace ferry::suit {

Result<Sha256Digest> read_digest(cbor::Decoder& decoder) {
  FERRY_TRY_ASSIGN(const std::size_t items, decoder.read_array());
  if (items != 2) {
    return fail(Error::kManifestMalformed);
  }
  FERRY_TRY_ASSIGN(const std::int64_t algorithm, decoder.read_integer());
  if (algorithm != cose::kSha256) {
    return fail(Error::kUnknownAlgorithm);
  }
  FERRY_TRY_ASSIGN(const ByteView bytes, decoder.read_bytes());
  Sha256Digest digest{};
  if (bytes.size() != digest.size()) {
    return fail(Error::kManifestMalformed);
  }
  copy(bytes, digest);
  return digest;
}

Result<Sha256Digest> decode_digest(ByteView encoded) {
  cbor::Decoder decoder(encoded);
  FERRY_TRY_ASSIGN(const Sha256Digest digest, read_digest(decoder));
  FERRY_TRY(decoder.expect_end());
  return digest;
}

}  // namespace ferry::suit
