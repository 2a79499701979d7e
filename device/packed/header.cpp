#include "device/packed/header.h"

namespace ferry::packed {
namespace {

constexpr std::uint8_t kPlain = 0;
constexpr std::uint8_t kThumb2 = 1;

}  // namespace

Result<Header> decode_header(ByteView bytes) {
  if (bytes.size() < kHeaderSize || bytes[2] != 0 || bytes[3] != 0) {
    return fail(Error::kPayloadMalformed);
  }
  if (bytes[0] > kThumb2 || bytes[1] != static_cast<std::uint8_t>(MemoryClass::kMedium)) {
    return fail(Error::kPayloadKindUnsupported);
  }
  return Header{.branches = bytes[0] == kThumb2};
}

std::array<std::uint8_t, kHeaderSize> encode_header(const Header& header) {
  return {header.branches ? kThumb2 : kPlain, static_cast<std::uint8_t>(header.memory), 0, 0};
}

}  // namespace ferry::packed
