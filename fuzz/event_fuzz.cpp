// Any bytes: what is read can be written, and reads the same again.
#include <cstdlib>

#include "device/events/event.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ferry;  // NOLINT: a program of one file
  const auto event = decode_event(ByteView(data, size));
  if (!event) {
    return 0;
  }
  std::array<std::uint8_t, kMaxEventSize> first{};
  std::array<std::uint8_t, kMaxEventSize> second{};
  const auto written = encode(*event, first);
  const auto again = written ? decode_event(*written) : fail(Error::kNoSpace);
  const auto rewritten = again ? encode(*again, second) : fail(Error::kNoSpace);
  if (!rewritten || !equal(*written, *rewritten)) {
    std::abort();
  }
  return 0;
}
