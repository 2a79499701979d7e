// The loopback interface: free ports, and whether somebody answers.
#pragma once

#include <cstdint>

#include "device/base/time.h"

namespace ferry::host {

// A TCP port of 127.0.0.1 that nobody listens on. Somebody else may take it before you do: be ready to try again.
[[nodiscard]] std::uint16_t free_port();

// Whether a TCP connection to 127.0.0.1 succeeds and, within `limit`, the peer sends at least one byte.
[[nodiscard]] bool greets(std::uint16_t port, Duration limit);

}  // namespace ferry::host
