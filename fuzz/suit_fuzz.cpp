// Any bytes as an envelope, and as the content of a manifest.
// Input: one byte that decides what the platform says, then the content.
#include "fuzz/suit_world.h"

// In this program every signature is good, so that the inputs get past it; the library's own is not linked.
ferry::Status ferry::cose::verify_sign1(ByteView, ByteView, std::span<const TrustAnchor>) {
  return ok();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ferry::ByteView bytes(data, size);
  static_cast<void>(ferry::suit::authenticate(bytes, {}));
  if (size > 0) {
    ferry::fuzz::run_manifest(bytes.subspan(1), data[0]);
  }
  return 0;
}
