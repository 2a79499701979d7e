// CBOR for people: diagnostic notation (RFC 8949, 8; RFC 8610, G.3 for embedded CBOR).
#pragma once

#include <string>

#include "device/base/bytes.h"

namespace ferry::host {

// One item. Byte strings that hold exactly one array, map or tagged item are shown as << ... >>, others as h'...';
// `max_bytes` shortens long byte strings. What cannot be decoded, or comes after the item, is shown as !h'...'.
[[nodiscard]] std::string diagnose(ByteView cbor, std::size_t max_bytes = SIZE_MAX);

}  // namespace ferry::host
