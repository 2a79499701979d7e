#include "servers/hub/assets.h"

#include <algorithm>

namespace ferry::hub {

const Asset* find_asset(std::string_view path) {
  const auto all = assets();
  const auto found = std::find_if(all.begin(), all.end(), [path](const Asset& one) { return one.path == path; });
  return found == all.end() ? nullptr : &*found;
}

const Asset* find_page(std::string_view path) {
  const Asset* file = path.starts_with("/api/") ? nullptr : find_asset(path);
  return file != nullptr ? file : find_asset("/index.html");
}

}  // namespace ferry::hub
