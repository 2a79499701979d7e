// The table of unsolicited lines of a module family. A row's handler is a number: the caller sets flags, no more.
#pragma once

#include <algorithm>
#include <span>

#include "device/at/text.h"
#include "device/base/bytes.h"

namespace ferry::at {

template <typename Event>
struct Urc {
  std::string_view prefix{};  // without spaces
  Event event{};
  std::uint8_t link_field = 0;  // of what follows the prefix
  std::uint8_t value_field = 1;
};

template <typename Event>
struct Routed {
  Event event{};
  std::uint32_t link = 0;  // 0 where the line holds none
  std::uint32_t value = 0;
  bool has_link = false;
  bool has_value = false;
};

// The first row that fits counts; nothing where none does.
template <typename Event>
[[nodiscard]] std::optional<Routed<Event>> route(std::span<const Urc<Event>> table, std::string_view line) {
  const auto row =
      std::find_if(table.begin(), table.end(), [&](const auto& urc) { return line.starts_with(urc.prefix); });
  if (row == table.end()) {
    return std::nullopt;
  }
  const std::string_view rest = skip(line, row->prefix.size());
  const auto link = number_field(rest, row->link_field);
  const auto value = number_field(rest, row->value_field);
  return Routed<Event>{row->event, link.value_or(0), value.value_or(0), link.has_value(), value.has_value()};
}

}  // namespace ferry::at
