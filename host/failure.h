// What cannot go on: one clear line that says what is wrong and what to do. Thrown in host programs, caught in main(),
// printed to stderr; exit code 1.
#pragma once

#include <fmt/format.h>
#include <stdexcept>

namespace ferry::host {

class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  template <typename... Args>
  explicit Failure(fmt::format_string<Args...> format, Args&&... args)
      : std::runtime_error(fmt::format(format, std::forward<Args>(args)...)) {}
};

}  // namespace ferry::host
