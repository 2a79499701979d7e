#include "servers/hub/utf8.h"

#include <cstdint>

namespace ferry::hub {
namespace {

struct Form {
  std::size_t size = 0;     // 0: no character begins so
  std::uint32_t bits = 0;   // of the first byte
  std::uint32_t least = 0;  // shorter forms are not allowed
};

Form form_of(std::uint8_t first) {
  if (first < 0x80) {
    return {1, first, 1};
  }
  if ((first & 0xE0) == 0xC0) {
    return {2, first & 0x1FU, 0x80};
  }
  if ((first & 0xF0) == 0xE0) {
    return {3, first & 0x0FU, 0x800};
  }
  return (first & 0xF8) == 0xF0 ? Form{4, first & 0x07U, 0x10000} : Form{};
}

// Bytes of the character that `text` begins with; 0: it begins with none.
std::size_t first_character(std::string_view text) {
  const Form form = form_of(static_cast<std::uint8_t>(text[0]));
  if (form.size == 0 || form.size > text.size()) {
    return 0;
  }
  std::uint32_t character = form.bits;
  for (std::size_t i = 1; i < form.size; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if ((byte & 0xC0) != 0x80) {
      return 0;
    }
    character = character << 6 | (byte & 0x3FU);
  }
  const bool is_surrogate = character >= 0xD800 && character <= 0xDFFF;
  return character < form.least || character > 0x10FFFF || is_surrogate ? 0 : form.size;
}

}  // namespace

bool is_storable(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = first_character(text);
    if (size == 0) {
      return false;
    }
    text.remove_prefix(size);
  }
  return true;
}

std::string to_storable(std::string_view text) {
  std::string good;
  while (!text.empty()) {
    const std::size_t size = first_character(text);
    good += size == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return good;
}

}  // namespace ferry::hub
