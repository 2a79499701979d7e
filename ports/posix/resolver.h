// Names to addresses without blocking: getaddrinfo(3) in a thread of its own for each name.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <vector>

#include "ports/posix/unique_fd.h"

namespace ferry::posix {

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  void set_port(std::uint16_t port);
};

// A descriptor that wakes poll(2), from any thread and from signal handlers.
class WakeUp {
 public:
  WakeUp();
  void set() const;    // async-signal-safe
  void clear() const;  // what was set so far
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

// One name on its way. The thread shares it with its owner, who may forget it at any time.
class Lookup {
 public:
  // Starts, or answers at once where `host` is an address. Empty where there are too many lookups already.
  static std::shared_ptr<Lookup> start(std::string host, std::uint16_t port, std::shared_ptr<WakeUp> wake_up);
  // One that has its result.
  static std::shared_ptr<Lookup> of(std::vector<Address> addresses);

  // Nothing while it is under way; no addresses where the name has none.
  [[nodiscard]] std::optional<std::vector<Address>> result() const;

 private:
  void run(const std::string& host, std::uint16_t port, int flags);

  mutable std::mutex mutex_;
  std::optional<std::vector<Address>> result_;
};

}  // namespace ferry::posix
