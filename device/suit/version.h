// Firmware versions as SUIT encodes them: a list of integers, -1 rc, -2 beta, -3 alpha
// (draft-ietf-suit-update-management-14, parameter-version and set-version).
#pragma once

#include <array>
#include <string_view>

#include "device/cbor/reader.h"

namespace ferry::suit {

enum class Comparison : std::uint8_t { kGreater = 1, kGreaterEqual = 2, kEqual = 3, kLesserEqual = 4, kLesser = 5 };

struct Version {
  static constexpr std::size_t kMaxParts = 8;
  std::array<std::int32_t, kMaxParts> parts{};
  std::size_t count = 0;

  // Reads a CBOR array of integers. Errors, in the reader: kCbor*, kManifestMalformed.
  [[nodiscard]] static Version read(cbor::Reader& reader);
  // Of an array that is all of `cbor`.
  [[nodiscard]] static Result<Version> decode(ByteView cbor);
  // "2.1.0", "2.1.0-rc.1" (-> 2,1,0,-1,1), "-beta.N", "-alpha.N". Errors: kInvalidArgument.
  [[nodiscard]] static Result<Version> parse(std::string_view text);
  // Writes the text form into `buffer`. Errors: kNoSpace.
  [[nodiscard]] Result<std::string_view> format(ByteSpan buffer) const;

  // -1, 0, 1 over `length` elements, missing ones count as 0.
  [[nodiscard]] int compare(const Version& other, std::size_t length) const;
  friend bool operator==(const Version&, const Version&) = default;
};

// "installed <comparison> wanted", element by element, over the length of `wanted` only.
[[nodiscard]] bool holds(const Version& installed, Comparison comparison, const Version& wanted);

}  // namespace ferry::suit
