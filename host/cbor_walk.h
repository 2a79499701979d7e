// Walking CBOR that may be anything: pairs of a map, with whatever keys, in whatever order.
#pragma once

#include "device/base/bytes.h"
#include "device/cbor/decoder.h"

namespace ferry::host {

enum class MapForm { kCanonical, kUnordered };

// Calls visit(encoded key, encoded value) for each pair. Errors: kCbor*.
template <typename Visit>
[[nodiscard]] Result<MapForm> walk_map(cbor::Decoder& in, Visit visit) {
  FERRY_TRY_ASSIGN(const std::size_t pairs, in.read_map());
  MapForm form = MapForm::kCanonical;
  ByteView last;
  for (std::size_t i = 0; i < pairs; ++i) {
    FERRY_TRY_ASSIGN(const ByteView key, in.read_item());
    FERRY_TRY_ASSIGN(const ByteView value, in.read_item());
    const bool ascending = std::lexicographical_compare(last.begin(), last.end(), key.begin(), key.end());
    if (!ascending) {
      form = MapForm::kUnordered;
    }
    last = key;
    visit(key, value);
  }
  return form;
}

// The value as an integer, where `encoded` is one.
[[nodiscard]] inline std::optional<std::int64_t> as_integer(ByteView encoded) {
  cbor::Decoder in(encoded);
  const auto value = in.read_integer();
  return value ? std::optional<std::int64_t>(*value) : std::nullopt;
}

// The content of a byte string, where `encoded` is one.
[[nodiscard]] inline std::optional<ByteView> as_byte_string(ByteView encoded) {
  cbor::Decoder in(encoded);
  const auto value = in.read_bytes();
  return value ? std::optional<ByteView>(*value) : std::nullopt;
}

[[nodiscard]] inline std::optional<std::string_view> as_text_string(ByteView encoded) {
  cbor::Decoder in(encoded);
  const auto value = in.read_text();
  return value ? std::optional<std::string_view>(*value) : std::nullopt;
}

}  // namespace ferry::host
