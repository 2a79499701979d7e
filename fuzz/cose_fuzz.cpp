// Any bytes as a signature and as an encrypted message: nothing crashes, and nothing opens that was not made for us.
#include <cstdlib>

#include "device/cose/cose.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ferry;  // NOLINT: a program of one file
  const ByteView bytes(data, size);
  const cose::TrustAnchor anchor;  // no point on the curve, so that nothing verifies
  const std::array<cose::TrustAnchor, 1> anchors = {anchor};
  if (cose::verify_sign1(bytes, bytes.first(0), anchors)) {
    std::abort();
  }
  cose::DecryptionKeys keys;
  keys.key_encryption.emplace().fill(0x61);  // as in the corpus
  keys.ecdh.emplace().fill(0x11);
  static_cast<void>(cose::open_encrypt(bytes, keys));
  if (cose::open_encrypt(bytes, {})) {
    std::abort();
  }
  return 0;
}
