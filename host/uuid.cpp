#include "host/uuid.h"

#include "host/bytes.h"
#include "host/crypto.h"

namespace ferry::host {

Uuid uuid_v5(const Uuid& name_space, std::string_view name) {
  Bytes input = to_bytes(name_space);
  input.insert(input.end(), name.begin(), name.end());
  const auto hash = sha1(input);
  Uuid id{};
  copy(hash, id);
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0F) | 0x50);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3F) | 0x80);
  return id;
}

std::string to_string(const Uuid& id) {
  std::string text = to_hex(id);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) {
    text.insert(at, 1, '-');
  }
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) {
    return std::nullopt;
  }
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) {
      return std::nullopt;
    }
    if (!dash) {
      digits.push_back(text[i]);
    }
  }
  const auto bytes = from_hex(digits);
  if (!bytes) {
    return std::nullopt;
  }
  Uuid id{};
  copy(*bytes, id);
  return id;
}

}  // namespace ferry::host
