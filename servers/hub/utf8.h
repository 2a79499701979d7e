// Texts as every database takes them: UTF-8 (RFC 3629) without a NUL.
#pragma once

#include <string>
#include <string_view>

namespace ferry::hub {

[[nodiscard]] bool is_storable(std::string_view text);
// U+FFFD in the place of each byte that is none of it.
[[nodiscard]] std::string to_storable(std::string_view text);

}  // namespace ferry::hub
