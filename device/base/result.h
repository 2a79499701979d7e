// Errors are values. Result<T> holds a T or an Error; Status holds nothing or an Error.
#pragma once

#include <tl/expected.hpp>

#include "device/base/error.h"

namespace ferry {

template <typename T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(error);
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
