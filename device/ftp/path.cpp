#include "device/ftp/path.h"

#include <algorithm>

#include "device/base/bytes.h"

namespace ferry::ftp {

namespace {

constexpr std::string_view kForbidden = ":\\*?#%";

bool is_plain(char character) {
  return character >= ' ' && character <= '~' && kForbidden.find(character) == std::string_view::npos;
}

}  // namespace

bool is_argument(std::string_view text) {
  const auto is_harmless = [](char character) {
    const auto byte = static_cast<unsigned char>(character);
    return byte >= 0x20 && byte != 0x7f && byte != 0xff;
  };
  return !text.empty() && text.size() <= kMaxPath && std::ranges::all_of(text, is_harmless);
}

bool is_safe_path(std::string_view path) {
  return !path.empty() && path.size() <= kMaxPath && path.front() != '~' && std::ranges::all_of(path, is_plain) &&
         has_plain_segments(path);
}

}  // namespace ferry::ftp
