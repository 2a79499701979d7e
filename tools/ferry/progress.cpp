#include "tools/ferry/progress.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace ferry::tool {
namespace {

constexpr std::size_t kBar = 30;

double seconds(std::chrono::steady_clock::duration length) {
  return std::chrono::duration<double>(length).count();
}

}  // namespace

Progress::Progress(std::uint64_t total) : total_(total), on_terminal_(::isatty(STDERR_FILENO) == 1) {}

void Progress::show(std::uint64_t done, const std::string& what) {
  const auto now = Clock::now();
  if (!on_terminal_ || now < next_ || total_ == 0) {
    return;
  }
  next_ = now + std::chrono::milliseconds(200);
  shown_ = true;
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  const auto filled = static_cast<std::size_t>(share * kBar);
  const double speed = static_cast<double>(done) / seconds(now - begin_) / 1e6;
  fmt::print(stderr, "\r\x1B[K[{}{}] {:3.0f}% {:.1f} MB/s {}", std::string(filled, '#'),
             std::string(kBar - filled, ' '), share * 100, speed, what);
  std::fflush(stderr);
}

void Progress::clear() {
  if (std::exchange(shown_, false)) {
    fmt::print(stderr, "\r\x1B[K");
    std::fflush(stderr);
  }
}

}  // namespace ferry::tool
