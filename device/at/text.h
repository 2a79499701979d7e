// Fields and numbers of a line: `1,"a,b",3` has three fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ferry::at {

// Decimal digits alone, up to 32 bits; nothing else.
[[nodiscard]] std::optional<std::uint32_t> number(std::string_view text);

// The field's text as it is, quotes included; empty where there are not so many.
[[nodiscard]] std::string_view field(std::string_view text, std::size_t index);
[[nodiscard]] std::size_t field_count(std::string_view text);  // of an empty text: 1
[[nodiscard]] std::optional<std::uint32_t> number_field(std::string_view text, std::size_t index);

// Without the quotes around it, if there are any.
[[nodiscard]] std::string_view unquoted(std::string_view text);

// Goes between quotes in a command: printable ASCII without a quote or backslash.
[[nodiscard]] bool is_quotable(std::string_view text);

}  // namespace ferry::at
