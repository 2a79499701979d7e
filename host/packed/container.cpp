#include "host/packed/container.h"

#include "device/payload/container.h"
#include "host/failure.h"

namespace ferry::host::packed {

Bytes make_packed(ByteView image, const EncodeOptions& options) {
  const Packed packed = pack_image(image, options);
  Bytes payload(payload::kHeaderSize);
  const payload::Header header{.kind = payload::Kind::kPacked, .image_size = static_cast<std::uint32_t>(image.size())};
  if (!payload::encode_header(header, payload)) {
    throw Failure("the packed image's header has no room");
  }
  payload.insert(payload.end(), packed.bytes.begin(), packed.bytes.end());
  const Bytes back = unpack(payload);
  if (!equal(back, image)) {
    throw Failure("the packed image does not give the image back: please report this, with the image");
  }
  return payload;
}

Bytes unpack(ByteView payload) {
  const ByteView start = payload.first(std::min(payload.size(), payload::kHeaderSize));
  const auto header = payload::decode_header(start, static_cast<std::uint32_t>(payload.size()));
  if (!header) {
    throw Failure("the file is damaged or of a newer kind ({})", name(header.error()));
  }
  if (header->kind != payload::Kind::kPacked) {
    throw Failure("the file is no packed image");
  }
  return unpack_image(payload.subspan(payload::kHeaderSize), header->image_size);
}

}  // namespace ferry::host::packed
