// What an account or an API token may do: each role may what those before it may.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ferry::hub {

enum class Role : std::uint8_t {  // stable numbers
  kNobody = 0,                    // not logged in
  kViewer = 1,                    // reads
  kOperator = 2,                  // labels devices, looks after alerts
  kAdmin = 3,                     // keeps accounts, everybody's tokens, the audit log
};
[[nodiscard]] std::string_view name(Role role);  // "viewer", ...; "" for nobody
[[nodiscard]] std::optional<Role> parse_role(std::string_view name);

}  // namespace ferry::hub
