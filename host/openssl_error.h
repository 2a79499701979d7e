// OpenSSL's results: owned pointers, and a refusal as a Failure.
#pragma once

#include <memory>
#include <openssl/err.h>
#include <string_view>

#include "host/failure.h"

namespace ferry::host {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

// Throws Failure unless OpenSSL said yes; `what` names the operation.
inline void require(bool success, std::string_view what) {
  if (!success) {
    const unsigned long code = ERR_get_error();
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    ERR_clear_error();
    throw Failure("OpenSSL refused to {}: {}", what, reason != nullptr ? reason : "no reason given");
  }
}

}  // namespace ferry::host
