#include "host/payload_body.h"

#include "host/failure.h"

namespace ferry::host {

Bytes with_header(payload::Kind kind, std::size_t image_size, ByteView body) {
  Bytes payload(payload::kHeaderSize);
  if (!payload::encode_header({.kind = kind, .image_size = static_cast<std::uint32_t>(image_size)}, payload)) {
    throw Failure("the payload's header has no room");
  }
  payload.insert(payload.end(), body.begin(), body.end());
  return payload;
}

PayloadBody body_of(ByteView payload, payload::Kind kind, std::string_view otherwise) {
  const ByteView start = payload.first(std::min(payload.size(), payload::kHeaderSize));
  const auto header = payload::decode_header(start, static_cast<std::uint32_t>(payload.size()));
  if (!header) {
    throw Failure("the file is damaged or of a newer kind ({})", name(header.error()));
  }
  if (header->kind != kind) {
    throw Failure("{}", otherwise);
  }
  return {.image_size = header->image_size, .body = payload.subspan(payload::kHeaderSize)};
}

}  // namespace ferry::host
