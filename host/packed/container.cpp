#include "host/packed/container.h"

#include "host/failure.h"
#include "host/payload_body.h"

namespace ferry::host::packed {

Bytes make_packed(ByteView image, const EncodeOptions& options) {
  Bytes payload = with_header(payload::Kind::kPacked, image.size(), pack_image(image, options).bytes);
  if (!equal(unpack(payload), image)) {
    throw Failure("the packed image does not give the image back: please report this, with the image");
  }
  return payload;
}

Bytes unpack(ByteView payload) {
  const PayloadBody packed =
      body_of(payload, payload::Kind::kPacked, "the file is no packed image in clear; `ferry pack` makes one");
  return unpack_image(packed.body, packed.image_size);
}

}  // namespace ferry::host::packed
