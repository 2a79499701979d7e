// Any text: a version that is taken reads the same when it is written again; any bytes as its CBOR form.
#include <cstdlib>

#include "device/suit/version.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using ferry::suit::Version;
  const ferry::ByteView bytes(data, size);
  std::array<std::uint8_t, 128> buffer{};
  const auto parsed = Version::parse(ferry::as_text(bytes));
  if (parsed && Version::parse(parsed->format(buffer).value()) != *parsed) {
    std::abort();
  }
  const auto decoded = Version::decode(bytes);
  if (decoded && (!decoded->format(buffer) || decoded->compare(*decoded, Version::kMaxParts) != 0)) {
    std::abort();
  }
  return 0;
}
