// Who gets a session: limits in total, per address, and after failed logins. No I/O, no clock.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "servers/ftp/limits.h"

namespace ferry::server::ftp {

class Gate {
 public:
  enum class Answer : std::uint8_t { kCome, kServerFull, kAddressFull, kLockedOut };

  explicit Gate(const Limits& limits) : limits_(limits) {}

  // `address` is what shares a limit: an IPv4 address, or the /64 of an IPv6 address. After kCome call leave() once.
  [[nodiscard]] Answer enter(const std::string& address, Instant now);
  void leave(const std::string& address, Instant now);
  void login_failed(const std::string& address, Instant now);

  [[nodiscard]] std::size_t sessions() const { return sessions_; }
  [[nodiscard]] std::size_t known_addresses() const { return visitors_.size(); }  // bounded by sessions and failures

 private:
  struct Visitor {
    std::uint32_t sessions = 0;
    std::uint32_t failures = 0;
    Instant forgiven{};  // when the failures are forgotten
  };
  void forget(Instant now);

  const Limits limits_;
  std::size_t sessions_ = 0;
  std::unordered_map<std::string, Visitor> visitors_;
  Instant next_sweep_{};
};

}  // namespace ferry::server::ftp
