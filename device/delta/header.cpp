#include "device/delta/header.h"

#include <algorithm>

namespace ferry::delta {

Result<Header> decode_header(ByteView bytes) {
  if (bytes.size() != kHeaderSize || load_le16(bytes.subspan(2)) != 0) {
    return fail(Error::kPayloadMalformed);
  }
  Header header;
  header.mode = static_cast<Mode>(bytes[0]);
  header.memory = static_cast<MemoryClass>(bytes[1]);
  if (header.mode > kLastMode || header.memory > MemoryClass::kHuge) {
    return fail(Error::kPayloadKindUnsupported);
  }
  header.old_size = load_le32(bytes.subspan(4));
  ferry::copy(bytes.subspan(8), header.old_digest);
  ferry::copy(bytes.subspan(16), header.new_digest);
  header.bases = {.old_image = load_le32(bytes.subspan(20)), .new_image = load_le32(bytes.subspan(24))};
  return header;
}

std::array<std::uint8_t, kHeaderSize> encode_header(const Header& header) {
  std::array<std::uint8_t, kHeaderSize> bytes{};
  const ByteSpan out(bytes);
  out[0] = static_cast<std::uint8_t>(header.mode);
  out[1] = static_cast<std::uint8_t>(header.memory);
  store_le32(out.subspan(4), header.old_size);
  ferry::copy(header.old_digest, out.subspan(8));
  ferry::copy(header.new_digest, out.subspan(16));
  store_le32(out.subspan(20), header.bases.old_image);
  store_le32(out.subspan(24), header.bases.new_image);
  return bytes;
}

}  // namespace ferry::delta
