#include "host/delta/container.h"

#include "device/payload/container.h"
#include "host/failure.h"

namespace ferry::host::delta {

Bytes make_delta(ByteView old, ByteView fresh, const EncodeOptions& options) {
  const Patch patch = make_patch(old, fresh, options);
  Bytes payload(payload::kHeaderSize);
  const payload::Header header{.kind = payload::Kind::kDelta, .image_size = static_cast<std::uint32_t>(fresh.size())};
  if (!payload::encode_header(header, payload)) {
    throw Failure("the delta's header has no room");
  }
  payload.insert(payload.end(), patch.bytes.begin(), patch.bytes.end());
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
  const ByteView start = payload.first(std::min(payload.size(), payload::kHeaderSize));
  const auto header = payload::decode_header(start, static_cast<std::uint32_t>(payload.size()));
  if (!header) {
    throw Failure("the file is damaged or of a newer kind ({})", name(header.error()));
  }
  if (header->kind != payload::Kind::kDelta) {
    throw Failure("the file is no delta; `ferry delta` makes one");
  }
  apply_patch(old, payload.subspan(payload::kHeaderSize), header->image_size, sink);
}

}  // namespace ferry::host::delta
