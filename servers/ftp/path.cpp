#include "servers/ftp/path.h"

namespace ferry::server::ftp {

tl::expected<Path, Path::Refusal> Path::resolve(std::string_view text) const {
  Path path = text.starts_with('/') ? Path() : *this;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find('/'));
    text.remove_prefix(name.size());
    text.remove_prefix(text.empty() ? 0 : 1);
    if (const auto entered = path.enter(name); !entered) {
      return tl::unexpected(entered.error());
    }
  }
  return path;
}

tl::expected<void, Path::Refusal> Path::enter(std::string_view name) {
  if (name.empty() || name == ".") {
    return {};
  }
  if (name == "..") {
    if (names_.empty()) {
      return tl::unexpected(Refusal::kOutside);
    }
    names_.pop_back();
    return {};
  }
  if (name.size() > kMaxName || names_.size() == kMaxNames) {
    return tl::unexpected(Refusal::kTooLong);
  }
  if (name.starts_with(kReservedPrefix)) {
    return tl::unexpected(Refusal::kReserved);
  }
  names_.emplace_back(name);
  return {};
}

Path Path::parent() const {
  Path path = *this;
  if (!path.names_.empty()) {
    path.names_.pop_back();
  }
  return path;
}

std::string Path::text(bool quoted) const {
  std::string out;
  for (const std::string& name : names_) {
    out += '/';
    for (const char c : name) {
      out.append(quoted && c == '"' ? 2 : 1, c);
    }
  }
  return out.empty() ? "/" : out;
}

}  // namespace ferry::server::ftp
