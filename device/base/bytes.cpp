#include "device/base/bytes.h"

#include <algorithm>
#include <cstring>

namespace ferry {
namespace {

template <typename T>
T load_le(ByteView bytes) {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) {
    value = static_cast<T>((value << 8) | bytes[i]);
  }
  return value;
}

template <typename T>
void store_le(ByteSpan bytes, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

}  // namespace

bool has_plain_segments(std::string_view path) {
  std::size_t length = 0;  // of the segment so far
  bool dots = true;        // and nothing else in it
  for (const char character : path) {
    if (character != '/') {
      ++length;
      dots = dots && character == '.';
      continue;
    }
    if (length <= 2 && dots) {
      return false;
    }
    length = 0;
    dots = true;
  }
  return length > 2 || !dots;
}

bool equal(ByteView a, ByteView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

std::size_t copy(ByteView from, ByteSpan to) {
  const std::size_t count = std::min(from.size(), to.size());
  if (count > 0) {
    std::memmove(to.data(), from.data(), count);
  }
  return count;
}

std::uint16_t load_le16(ByteView bytes) {
  return static_cast<std::uint16_t>(bytes[0] | (bytes[1] << 8));
}
std::uint32_t load_le32(ByteView bytes) {
  return load_le<std::uint32_t>(bytes);
}
std::uint64_t load_le64(ByteView bytes) {
  return load_le<std::uint64_t>(bytes);
}
void store_le16(ByteSpan bytes, std::uint16_t value) {
  bytes[0] = static_cast<std::uint8_t>(value);
  bytes[1] = static_cast<std::uint8_t>(value >> 8);
}
void store_le32(ByteSpan bytes, std::uint32_t value) {
  store_le(bytes, value);
}
void store_le64(ByteSpan bytes, std::uint64_t value) {
  store_le(bytes, value);
}

// Bit by bit: what is checked by it is short, and a table would be larger than all of this.
std::uint32_t crc32(ByteView bytes, std::uint32_t seed) {
  std::uint32_t crc = ~seed;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
  }
  return ~crc;
}

}  // namespace ferry
