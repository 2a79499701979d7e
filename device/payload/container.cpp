#include "device/payload/container.h"

namespace ferry::payload {
namespace {

constexpr std::size_t kKindAt = 4;
constexpr std::size_t kLengthAt = 5;
constexpr std::size_t kImageSizeAt = 5;

constexpr std::uint8_t versioned(Kind kind) {
  return static_cast<std::uint8_t>(kVersion << 4U | static_cast<unsigned>(kind));
}

bool has_magic(ByteView start) {
  return start.size() >= kMagic.size() && equal(start.first(kMagic.size()), kMagic);
}

void write_start(Kind kind, ByteSpan out) {
  copy(kMagic, out);
  out[kKindAt] = versioned(kind);
}

}  // namespace

Result<ByteView> sealed_by(ByteView start) {
  if (start.size() < kSealSize || !has_magic(start) || start[kKindAt] != versioned(Kind::kSealed)) {
    return ByteView();
  }
  const std::size_t length = start[kLengthAt];
  if (length > start.size() - kSealSize) {
    return fail(Error::kPayloadMalformed);
  }
  return start.subspan(kSealSize, length);
}

Result<Header> decode_header(ByteView start, std::uint32_t payload_size) {
  if (!has_magic(start)) {
    return Header{.kind = Kind::kPlain, .image_size = payload_size};
  }
  if (start.size() < kHeaderSize || payload_size < kHeaderSize) {
    return fail(Error::kPayloadMalformed);
  }
  if (start[kKindAt] >> 4U != kVersion) {
    return fail(Error::kPayloadKindUnsupported);
  }
  const Header header{.kind = static_cast<Kind>(start[kKindAt] & 0xFU),
                      .image_size = load_le32(start.subspan(kImageSizeAt))};
  const bool known = header.kind == Kind::kRaw || header.kind == Kind::kPacked || header.kind == Kind::kDelta;
  const bool other_size = header.kind == Kind::kRaw && header.image_size != payload_size - kHeaderSize;
  if (!known || other_size) {
    return fail(Error::kPayloadMalformed);
  }
  return header;
}

Status encode_seal(std::size_t length, ByteSpan out) {
  if (length == 0 || length > kLongestSeal - kSealSize) {
    return fail(Error::kInvalidArgument);
  }
  if (out.size() < kSealSize) {
    return fail(Error::kNoSpace);
  }
  write_start(Kind::kSealed, out);
  out[kLengthAt] = static_cast<std::uint8_t>(length);
  return ok();
}

Status encode_header(const Header& header, ByteSpan out) {
  if (header.kind == Kind::kPlain || header.kind == Kind::kSealed) {
    return fail(Error::kInvalidArgument);
  }
  if (out.size() < kHeaderSize) {
    return fail(Error::kNoSpace);
  }
  write_start(header.kind, out);
  store_le32(out.subspan(kImageSizeAt), header.image_size);
  return ok();
}

}  // namespace ferry::payload
