// The files of a mosquitto that serves one hub and its devices. Texts only; who writes them is broker.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "servers/hub/registry.h"

namespace ferry::hub {

inline constexpr std::size_t kMaxBrokerMessage = 64U << 10;  // larger ones do not reach the hub

struct BrokerListener {
  std::string address;
  std::uint16_t port = 0;
  bool is_tls = false;                    // certificate and key in "tls.crt" and "tls.key"
  bool wants_client_certificate = false;  // of an authority in "clients.crt"
};
// File names are relative to the folder that mosquitto runs in: "passwords", "acl", "mosquitto.db".
[[nodiscard]] std::string broker_configuration(const std::vector<BrokerListener>& listeners);
// One line for each account and one for the hub, hashed as mosquitto_passwd does (PBKDF2-HMAC-SHA-512, "$7$").
[[nodiscard]] std::string broker_passwords(const Registry& registry, std::string_view hub_password);
// A device may publish under its own id and read nothing; the hub reads and publishes nothing.
[[nodiscard]] std::string broker_acl(const Registry& registry);

}  // namespace ferry::hub
