// Which paths of a manifest may be asked of an FTP server (threat T25).
#pragma once

#include <cstddef>
#include <string_view>

namespace ferry::ftp {

inline constexpr std::size_t kMaxPath = 192;

// A relative path of plain segments that stays below the directory it is appended to: printable ASCII, no leading '/'
// or '~', no empty, "." or ".." segment, no trailing '/', at most kMaxPath characters. Without the characters that
// could name a scheme or host (':'), climb on some systems ('\'), or mean something to a server's file name expansion
// or to a URI ('*', '?', '#', '%').
[[nodiscard]] bool is_safe_path(std::string_view path);

// May be an argument of an FTP command at all: 1..kMaxPath characters, none of them a control character or 0xff (IAC).
[[nodiscard]] bool is_argument(std::string_view text);

}  // namespace ferry::ftp
