// Waits for what is to happen soon, and no longer than it takes.
#pragma once

#include <chrono>
#include <thread>

namespace ferry::hub {

inline constexpr std::chrono::seconds kDeadline{30};

template <typename Condition>
[[nodiscard]] bool eventually(Condition condition, std::chrono::milliseconds limit = kDeadline) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace ferry::hub
