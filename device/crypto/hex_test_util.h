// Bytes from hexadecimal text, for test vectors; spaces are left out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "device/base/bytes.h"

namespace ferry {

inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != ' ') {
      digits += c;
    }
  }
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

template <typename Array>
Array array_from_hex(std::string_view text) {
  Array array{};
  const auto bytes = from_hex(text);
  copy(bytes, array);
  return array;
}

inline std::string to_hex(ByteView bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 0xFU];
  }
  return text;
}

}  // namespace ferry
