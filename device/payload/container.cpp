#include "device/payload/container.h"

namespace ferry::payload {
namespace {

constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kKindAt = 9;
constexpr std::size_t kReservedAt = 10;
constexpr std::size_t kImageSizeAt = 12;
constexpr std::uint16_t kSealed = kVersion | static_cast<std::uint16_t>(Kind::kSealed) << 8U;  // version and kind

bool has_magic(ByteView start) {
  return start.size() >= kMagic.size() && equal(start.first(kMagic.size()), kMagic);
}

void write_start(Kind kind, std::uint16_t behind, ByteSpan out) {
  copy(kMagic, out);
  out[kVersionAt] = kVersion;
  out[kKindAt] = static_cast<std::uint8_t>(kind);
  store_le16(out.subspan(kReservedAt), behind);
}

}  // namespace

Result<ByteView> sealed_by(ByteView start) {
  if (start.size() < kSealSize || !has_magic(start) || load_le16(start.subspan(kVersionAt)) != kSealed) {
    return ByteView();
  }
  const std::size_t length = load_le16(start.subspan(kReservedAt));
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
  if (start[kVersionAt] != kVersion) {
    return fail(Error::kPayloadKindUnsupported);
  }
  const Header header{.kind = static_cast<Kind>(start[kKindAt]), .image_size = load_le32(start.subspan(kImageSizeAt))};
  const bool known = header.kind == Kind::kRaw || header.kind == Kind::kPacked || header.kind == Kind::kDelta;
  const bool other_size = header.kind == Kind::kRaw && header.image_size != payload_size - kHeaderSize;
  if (!known || load_le16(start.subspan(kReservedAt)) != 0 || other_size) {
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
  write_start(Kind::kSealed, static_cast<std::uint16_t>(length), out);
  return ok();
}

Status encode_header(const Header& header, ByteSpan out) {
  if (header.kind == Kind::kPlain || header.kind == Kind::kSealed) {
    return fail(Error::kInvalidArgument);
  }
  if (out.size() < kHeaderSize) {
    return fail(Error::kNoSpace);
  }
  write_start(header.kind, 0, out);
  store_le32(out.subspan(kImageSizeAt), header.image_size);
  return ok();
}

}  // namespace ferry::payload
