// Views of bytes, byte order, CRC-32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ferry {

using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What follows the first `count` characters; nothing where there are not so many. (substr() would throw there, and even
// where it cannot happen a compiler may keep the code that does.)
[[nodiscard]] constexpr std::string_view skip(std::string_view text, std::size_t count) {
  text.remove_prefix(count < text.size() ? count : text.size());
  return text;
}

// A path whose every segment, between its slashes, is one: not empty, and neither "." nor "..".
[[nodiscard]] bool has_plain_segments(std::string_view path);

// Same length and same content. Not constant time: for public data only.
[[nodiscard]] bool equal(ByteView a, ByteView b);

// Copies min(to.size(), from.size()) bytes and returns how many.
std::size_t copy(ByteView from, ByteSpan to);

// Little-endian loads and stores; the span must hold at least the size of the type.
[[nodiscard]] std::uint16_t load_le16(ByteView bytes);
[[nodiscard]] std::uint32_t load_le32(ByteView bytes);
[[nodiscard]] std::uint64_t load_le64(ByteView bytes);
void store_le16(ByteSpan bytes, std::uint16_t value);
void store_le32(ByteSpan bytes, std::uint32_t value);
void store_le64(ByteSpan bytes, std::uint64_t value);

// CRC-32 (IEEE 802.3, reflected, as in zlib). Chain by passing the previous result as `seed`.
[[nodiscard]] std::uint32_t crc32(ByteView bytes, std::uint32_t seed = 0);

}  // namespace ferry
