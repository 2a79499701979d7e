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
  if (!equal(apply_delta(old, payload), fresh)) {
    throw Failure("the delta does not give the new image back: please report this, with both images");
  }
  return payload;
}

Bytes apply_delta(ByteView old, ByteView payload) {
  const ByteView start = payload.first(std::min(payload.size(), payload::kHeaderSize));
  const auto header = payload::decode_header(start, static_cast<std::uint32_t>(payload.size()));
  if (!header) {
    throw Failure("the file is damaged or of a newer kind ({})", name(header.error()));
  }
  if (header->kind != payload::Kind::kDelta) {
    throw Failure("the file is no delta; `ferry delta` makes one");
  }
  return apply_patch(old, payload.subspan(payload::kHeaderSize), header->image_size);
}

}  // namespace ferry::host::delta
