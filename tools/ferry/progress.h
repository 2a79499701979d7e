// A line of progress on a terminal, for what takes longer than a second. Nothing where stderr is no terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace ferry::tool {

class Progress {
 public:
  explicit Progress(std::uint64_t total);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::uint64_t done, const std::string& what);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::uint64_t total_;
  bool on_terminal_;
  bool shown_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point next_ = begin_ + std::chrono::seconds(1);
};

}  // namespace ferry::tool
