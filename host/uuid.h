// UUIDs (RFC 4122): how vendors, classes and devices are named.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "device/factory/factory.h"

namespace ferry::host {

inline constexpr Uuid kDnsNamespace = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
                                       0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};

// Version 5: the same name in the same name space is the same UUID for ever.
[[nodiscard]] Uuid uuid_v5(const Uuid& name_space, std::string_view name);
[[nodiscard]] std::string to_string(const Uuid& id);
// The form 8-4-4-4-12, upper or lower case.
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);

}  // namespace ferry::host
