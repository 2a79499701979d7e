// Wakes a thread that waits for a file descriptor.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace ferry::hub {

class Wake {
 public:
  Wake() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (fd_ < 0) {
      throw std::system_error(errno, std::generic_category(), "eventfd");
    }
  }
  ~Wake() { ::close(fd_); }
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  void signal() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
  }
  // Waits until signal(), `events` on `fd` (-1: none), or the time is over. Returns the events of `fd`.
  short wait(int fd, short events, std::chrono::milliseconds limit) {
    pollfd waits[2] = {{.fd = fd_, .events = POLLIN, .revents = 0}, {.fd = fd, .events = events, .revents = 0}};
    ::poll(waits, 2, static_cast<int>(limit.count()));
    if (waits[0].revents != 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto read = ::read(fd_, &count, sizeof count);
    }
    return waits[1].revents;
  }

 private:
  int fd_;
};

}  // namespace ferry::hub
