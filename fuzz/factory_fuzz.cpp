// Any bytes, with a CRC that is right: what is accepted is exactly what would be written.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "device/factory/component.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ferry;  // NOLINT: a program of one file
  std::vector<std::uint8_t> bytes(data, data + size);
  static_cast<void>(decode_factory(bytes));
  bytes.resize(size + 4);
  store_le32(ByteSpan(bytes).last(4), crc32(ByteView(bytes).first(size)));
  const auto file = decode_factory(bytes);
  if (!file) {
    return 0;
  }
  std::vector<std::uint8_t> buffer(bytes.size());
  const auto again = encode_factory(*file, buffer);
  if (!again || !equal(*again, bytes)) {
    std::abort();
  }
  static_cast<void>(resolve_component(file->parameters, ByteView(data, size)));
  return 0;
}
