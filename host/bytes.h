// Bytes that own their memory, and their forms as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/base/bytes.h"

namespace ferry::host {

using Bytes = std::vector<std::uint8_t>;

[[nodiscard]] inline Bytes to_bytes(ByteView view) {
  return {view.begin(), view.end()};
}
[[nodiscard]] inline Bytes to_bytes(std::string_view text) {
  return to_bytes(as_bytes(text));
}

// Lower case, no separators.
[[nodiscard]] std::string to_hex(ByteView bytes);
// Nothing where `text` is not an even number of hexadecimal digits.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);

}  // namespace ferry::host
