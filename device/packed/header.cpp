#include "device/packed/header.h"

namespace ferry::packed {
namespace {

constexpr std::uint8_t kPlain = 0;
constexpr std::uint8_t kThumb2 = 1;

}  // namespace

Result<Header> decode_header(ByteView bytes) {
  if (bytes.size() < kHeaderSize) {
    return fail(Error::kPayloadMalformed);
  }
  const std::uint32_t mode = bytes[0] & 0xFU;
  if (mode > kThumb2 || bytes[0] >> 4U != static_cast<unsigned>(MemoryClass::kMedium)) {
    return fail(Error::kPayloadKindUnsupported);
  }
  return Header{.branches = mode == kThumb2};
}

std::array<std::uint8_t, kHeaderSize> encode_header(const Header& header) {
  const unsigned mode = header.branches ? kThumb2 : kPlain;
  return {static_cast<std::uint8_t>(static_cast<unsigned>(header.memory) << 4U | mode)};
}

}  // namespace ferry::packed
