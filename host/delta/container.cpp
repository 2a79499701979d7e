#include "host/delta/container.h"

#include "host/failure.h"
#include "host/payload_body.h"

namespace ferry::host::delta {

Bytes make_delta(ByteView old, ByteView fresh, const EncodeOptions& options) {
  Bytes payload = with_header(payload::Kind::kDelta, fresh.size(), make_patch(old, fresh, options).bytes);
  bool same = true;
  ByteView left = fresh;
  apply_delta(old, payload, [&](ByteView piece) {
    same = same && piece.size() <= left.size() && equal(piece, left.first(piece.size()));
    left = same ? left.subspan(piece.size()) : left;
  });
  if (!same || !left.empty()) {
    throw Failure("the delta does not give the new image back: please report this, with both images");
  }
  return payload;
}

Bytes apply_delta(ByteView old, ByteView payload) {
  Bytes image;
  apply_delta(old, payload, [&](ByteView piece) { image.insert(image.end(), piece.begin(), piece.end()); });
  return image;
}

void apply_delta(ByteView old, ByteView payload, const std::function<void(ByteView)>& sink) {
  const PayloadBody delta = body_of(payload, payload::Kind::kDelta, "the file is no delta; `ferry delta` makes one");
  apply_patch(old, delta.body, delta.image_size, sink);
}

}  // namespace ferry::host::delta
