#include "device/suit/digest.h"

#include "device/cose/cose.h"

namespace ferry::suit {

ByteView read_digest(cbor::Reader& reader) {
  reader.require(reader.array() == 2, Error::kManifestMalformed);
  reader.require(reader.integer() == cose::kSha256, Error::kUnknownAlgorithm);
  const ByteView digest = reader.bytes();
  reader.require(digest.size() == kSha256Size, Error::kManifestMalformed);
  return digest;
}

ByteView read_wrapped_digest(cbor::Reader& reader) {
  cbor::Reader inner(reader.bytes());
  const ByteView digest = read_digest(inner);
  reader.end(inner);
  return digest;
}

}  // namespace ferry::suit
