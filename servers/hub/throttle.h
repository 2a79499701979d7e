// Slows down who guesses passwords: after some failures under one name, or from one address, none is listened to for a
// while, twice as long after each further failure. May be used by several threads.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace ferry::hub {

class Throttle {
 public:
  static constexpr int kFree = 5;                   // failures that cost nothing
  static constexpr std::int64_t kFirst = 2;         // seconds
  static constexpr std::int64_t kMost = 900;        // seconds
  static constexpr std::int64_t kForget = 3600;     // seconds without a failure
  static constexpr std::size_t kMaxKeys = 100'000;  // the oldest are forgotten

  // How many seconds `key` has to wait; 0: it may try. `now`: UTC seconds.
  [[nodiscard]] std::int64_t wait(const std::string& key, std::int64_t now);
  void failed(const std::string& key, std::int64_t now);
  void succeeded(const std::string& key);

 private:
  struct Entry {
    int failures = 0;
    std::int64_t last = 0;
    std::int64_t until = 0;
  };
  void forget(std::int64_t now);

  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace ferry::hub
