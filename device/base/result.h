// Errors are values. Result<T> holds a T or an Error; Status holds nothing or an Error.
//
// All read as std::expected does (C++23, [expected]). Most are tl::expected; a Status and a Result of a number
// of at most two bytes are the device's own, because they have to travel in one register: docs/decisions/results.md has
// the figures.
#pragma once

#include <cassert>
#include <cstdint>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

#include "device/base/error.h"

namespace ferry {

using Unexpected = tl::unexpected<Error>;

// Nothing, or an Error; in 16 bits, of which 0 is success.
class [[nodiscard]] Status {
 public:
  constexpr Status() = default;
  constexpr Status(const Unexpected& error) : error_(error.value()) {}  // so that `return fail(...)` reads well

  [[nodiscard]] constexpr bool has_value() const { return error_ == Error{}; }
  constexpr explicit operator bool() const { return has_value(); }
  // Error{} where has_value().
  [[nodiscard]] constexpr Error error() const { return error_; }

  friend constexpr bool operator==(Status, Status) = default;

 private:
  Error error_{};
};

// A number or name of at most two bytes, or an Error; in 32 bits: the value's bytes below, the error above.
template <typename T>
class [[nodiscard]] SmallResult {
 public:
  constexpr SmallResult(const Unexpected& error) : bits_(static_cast<std::uint32_t>(error.value()) << 16) {}
  constexpr SmallResult(T value) : bits_(static_cast<std::uint16_t>(value)) {}

  [[nodiscard]] constexpr bool has_value() const { return (bits_ >> 16) == 0; }
  constexpr explicit operator bool() const { return has_value(); }
  // Only where has_value().
  [[nodiscard]] constexpr T value() const { return static_cast<T>(bits_ & 0xFFFFU); }
  [[nodiscard]] constexpr T operator*() const { return value(); }
  [[nodiscard]] constexpr T value_or(T other) const { return has_value() ? value() : other; }
  // Error{} where has_value().
  [[nodiscard]] constexpr Error error() const { return static_cast<Error>(bits_ >> 16); }

  friend constexpr bool operator==(SmallResult, SmallResult) = default;

 private:
  std::uint32_t bits_;
};

namespace result_detail {

template <typename T, bool = std::is_enum_v<T> || std::is_integral_v<T>>  // T may be incomplete
struct Choice {
  using Type = tl::expected<T, Error>;
};
template <typename T>
struct Choice<T, true> {
  using Type = std::conditional_t<sizeof(T) <= 2, SmallResult<T>, tl::expected<T, Error>>;
};
template <>
struct Choice<void> {
  using Type = Status;
};

}  // namespace result_detail

template <typename T>
using Result = typename result_detail::Choice<T>::Type;

// `error` is one: "no error" would read as success.
[[nodiscard]] inline Unexpected fail(Error error) {
  assert(error != Error{});
  return Unexpected(error);
}
[[nodiscard]] inline Status ok() {
  return {};
}

}  // namespace ferry

#define FERRY_CONCAT_INNER(a, b) a##b
#define FERRY_CONCAT(a, b) FERRY_CONCAT_INNER(a, b)

// Returns the error of `expression` from the enclosing function, if it holds one.
#define FERRY_TRY(expression)                                          \
  do {                                                                 \
    if (auto ferry_status = (expression); !ferry_status.has_value()) { \
      return ::ferry::fail(ferry_status.error());                      \
    }                                                                  \
  } while (false)

// Declares or assigns `target` from the value of `expression`, or returns its error: FERRY_TRY_ASSIGN(auto n, read());
#define FERRY_TRY_ASSIGN(target, expression) \
  FERRY_TRY_ASSIGN_INNER(target, expression, FERRY_CONCAT(ferry_result_, __LINE__))
#define FERRY_TRY_ASSIGN_INNER(target, expression, result) \
  auto result = (expression);                              \
  if (!result.has_value()) {                               \
    return ::ferry::fail(result.error());                  \
  }                                                        \
  target = std::move(*result)
