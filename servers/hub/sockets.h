// Small questions to the network of this machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ferry::hub {

struct ListenAddress {
  std::string address;     // IPv4 or IPv6
  std::uint16_t port = 0;  // 0: a free one
};
// "127.0.0.1:8080", "[::1]:8080", ":8080" (loopback), "127.0.0.1". Throws host::Failure.
[[nodiscard]] ListenAddress parse_listen(std::string_view text);
// "127.0.0.1:8080", "[::1]:8080"
[[nodiscard]] std::string format_listen(const std::string& address, std::uint16_t port);
[[nodiscard]] bool is_loopback(const std::string& address);
// Where to connect to reach a listener on `address`: loopback for "any".
[[nodiscard]] std::string connect_address(const std::string& address);

// Whether nobody else listens there.
[[nodiscard]] bool can_listen(const std::string& address, std::uint16_t port);
// A port of `address` that nobody listens on. Somebody else may take it first. Throws host::Failure.
[[nodiscard]] std::uint16_t free_port(const std::string& address);
[[nodiscard]] bool can_connect(const std::string& address, std::uint16_t port);

}  // namespace ferry::hub
