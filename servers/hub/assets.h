// Files that are compiled in: the dashboard (web/dist, where it was built) and the API's document. embed.cmake makes
// the table.
#pragma once

#include <span>
#include <string_view>

namespace ferry::hub {

struct Asset {
  std::string_view path;  // "/index.html"
  std::string_view content_type;
  std::string_view bytes;
};

[[nodiscard]] std::span<const Asset> assets();  // generated
[[nodiscard]] const Asset* find_asset(std::string_view path);
// What the dashboard has under `path`: the file, or /index.html; nothing where there is no dashboard.
[[nodiscard]] const Asset* find_page(std::string_view path);

}  // namespace ferry::hub
