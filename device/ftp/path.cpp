#include "device/ftp/path.h"

#include <algorithm>

namespace ferry::ftp {

namespace {

constexpr std::string_view kForbidden = ":\\*?#%";

bool is_plain(char character) {
  return character >= ' ' && character <= '~' && kForbidden.find(character) == std::string_view::npos;
}

bool is_plain_segment(std::string_view segment) {
  return !segment.empty() && segment != "." && segment != "..";
}

}  // namespace

bool is_argument(std::string_view text) {
  const auto is_harmless = [](char character) {
    const auto byte = static_cast<unsigned char>(character);
    return byte >= 0x20 && byte != 0x7f && byte != 0xff;
  };
  return !text.empty() && text.size() <= kMaxPath && std::all_of(text.begin(), text.end(), is_harmless);
}

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.size() > kMaxPath || path.front() == '~') {
    return false;
  }
  if (!std::all_of(path.begin(), path.end(), is_plain)) {
    return false;
  }
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    if (!is_plain_segment(path.substr(0, slash))) {
      return false;
    }
    path.remove_prefix(slash + 1);
  }
  return is_plain_segment(path);
}

}  // namespace ferry::ftp
