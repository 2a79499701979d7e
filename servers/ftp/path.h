// A place in the served tree, as the client sees it: names from the root down. There is no way to write one that leads
// out of the tree: `..` is resolved by name alone, and above the root it is refused.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace ferry::server::ftp {

class Path {
 public:
  static constexpr std::size_t kMaxNames = 32;
  static constexpr std::size_t kMaxName = 255;

  enum class Refusal : std::uint8_t { kOutside, kTooLong, kReserved };

  // Names of uploads under way begin so: nobody can ask for them, no listing shows them.
  static constexpr std::string_view kReservedPrefix = ".ferry-upload-";

  Path() = default;  // the root

  // Where `text` leads from here; absolute where it begins with '/'. Wildcards and `~` are names like any other.
  [[nodiscard]] tl::expected<Path, Refusal> resolve(std::string_view text) const;

  [[nodiscard]] bool is_root() const { return names_.empty(); }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] Path parent() const;  // of the root: the root
  // "/a/b"; with `quoted` each '"' twice, as in replies 257.
  [[nodiscard]] std::string text(bool quoted = false) const;
  [[nodiscard]] bool operator==(const Path&) const = default;

 private:
  [[nodiscard]] tl::expected<void, Refusal> enter(std::string_view name);

  std::vector<std::string> names_;
};

}  // namespace ferry::server::ftp
