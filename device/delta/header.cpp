#include "device/delta/header.h"

#include <algorithm>

namespace ferry::delta {

Result<Header> decode_header(ByteView bytes) {
  if (bytes.size() != kHeaderSize) {
    return fail(Error::kPayloadMalformed);
  }
  Header header;
  header.mode = static_cast<Mode>(bytes[0] & 0xFU);
  header.memory = memory_class_of(bytes[0]);
  if (header.mode > kLastMode || header.memory > MemoryClass::kHuge) {
    return fail(Error::kPayloadKindUnsupported);
  }
  header.old_size = load_le32(bytes.subspan(1));
  ferry::copy(bytes.subspan(5), header.old_digest);
  ferry::copy(bytes.subspan(9), header.new_digest);
  header.bases = {.old_image = load_le32(bytes.subspan(13)), .new_image = load_le32(bytes.subspan(17))};
  return header;
}

std::array<std::uint8_t, kHeaderSize> encode_header(const Header& header) {
  std::array<std::uint8_t, kHeaderSize> bytes{};
  const ByteSpan out(bytes);
  out[0] = static_cast<std::uint8_t>(static_cast<unsigned>(header.memory) << 4U | static_cast<unsigned>(header.mode));
  store_le32(out.subspan(1), header.old_size);
  ferry::copy(header.old_digest, out.subspan(5));
  ferry::copy(header.new_digest, out.subspan(9));
  store_le32(out.subspan(13), header.bases.old_image);
  store_le32(out.subspan(17), header.bases.new_image);
  return bytes;
}

}  // namespace ferry::delta
