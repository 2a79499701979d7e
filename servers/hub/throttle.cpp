#include "servers/hub/throttle.h"

#include <algorithm>

namespace ferry::hub {

std::int64_t Throttle::wait(const std::string& key, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  return found == entries_.end() ? 0 : std::max<std::int64_t>(0, found->second.until - now);
}

void Throttle::failed(const std::string& key, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= kMaxKeys) {
    forget(now);
  }
  Entry& entry = entries_[key];
  if (now - entry.last > kForget) {
    entry = {};
  }
  entry.last = now;
  ++entry.failures;
  if (entry.failures >= kFree) {
    const int doublings = std::min(entry.failures - kFree, 16);
    entry.until = now + std::min(kMost, kFirst << doublings);
  }
}

void Throttle::succeeded(const std::string& key) {
  const std::lock_guard lock(mutex_);
  entries_.erase(key);
}

void Throttle::forget(std::int64_t now) {
  std::erase_if(entries_, [now](const auto& one) { return now - one.second.last > kForget; });
  while (entries_.size() >= kMaxKeys) {
    entries_.erase(std::min_element(entries_.begin(), entries_.end(), [](const auto& left, const auto& right) {
      return left.second.last < right.second.last;
    }));
  }
}

}  // namespace ferry::hub
