// How long to wait before the next attempt: doubled by each failure up to a limit.
#pragma once

#include <algorithm>
#include <chrono>

namespace ferry::hub {

class BackOff {
 public:
  BackOff(std::chrono::milliseconds first, std::chrono::milliseconds most) : first_(first), most_(most), next_(first) {}

  [[nodiscard]] std::chrono::milliseconds next() {
    const auto pause = next_;
    next_ = std::min(next_ * 2, most_);
    return pause;
  }
  void reset() { next_ = first_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds most_;
  std::chrono::milliseconds next_;
};

}  // namespace ferry::hub
