#include "servers/hub/broker_files.h"

#include <array>
#include <fmt/format.h>
#include <openssl/evp.h>

#include "host/crypto.h"
#include "host/failure.h"
#include "servers/hub/message.h"

namespace ferry::hub {
namespace {

constexpr int kIterations = 101;  // mosquitto_passwd's
using Salt = std::array<std::uint8_t, 12>;
using Hash = std::array<std::uint8_t, 64>;

template <typename Array>
std::string base64(const Array& bytes) {
  std::array<unsigned char, 4 * ((sizeof bytes + 2) / 3) + 1> text{};
  const int size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  return {text.begin(), text.begin() + size};
}

std::string password_line(std::string_view user, std::string_view password) {
  const Salt salt = host::random_array<Salt>();
  Hash hash{};
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(), static_cast<int>(salt.size()),
                        kIterations, EVP_sha512(), static_cast<int>(hash.size()), hash.data()) != 1) {
    throw host::Failure("the cryptography library cannot hash passwords");
  }
  return fmt::format("{}:$7${}${}${}\n", user, kIterations, base64(salt), base64(hash));
}

}  // namespace

std::string broker_configuration(const std::vector<BrokerListener>& listeners) {
  std::string lines;
  for (const BrokerListener& listener : listeners) {
    lines += fmt::format("listener {} {}\n", listener.port, listener.address);
    if (listener.is_tls) {  // TLS 1.2 at least: mosquitto's default
      lines += "certfile tls.crt\nkeyfile tls.key\n";
    }
    if (listener.wants_client_certificate) {
      lines += "cafile clients.crt\nrequire_certificate true\n";
    }
  }
  // A client is known by its account, whatever it calls itself: nobody takes over another one's session.
  // Messages for a hub that is away are kept without a limit in number, and saved when the broker ends.
  return lines + fmt::format(R"(allow_anonymous false
use_username_as_clientid true
password_file passwords
acl_file acl
persistence true
persistence_location ./
autosave_interval 60
max_queued_messages 0
max_inflight_messages 4096
message_size_limit {}
connection_messages false
log_dest stderr
log_type error
log_type warning
)",
                             kMaxBrokerMessage);
}

std::string broker_passwords(const Registry& registry, std::string_view hub_password) {
  std::string lines = password_line(kHubUser, hub_password);
  for (const auto& [device, account] : registry.accounts()) {
    lines += password_line(account.user, account.password);
  }
  return lines;
}

std::string broker_acl(const Registry& registry) {
  std::string lines = fmt::format("user {}\n", kHubUser);
  for (const std::string_view topic : kTopics) {
    lines += fmt::format("topic read {}\n", topic);
  }
  for (const auto& [device, account] : registry.accounts()) {
    lines +=
        fmt::format("user {0}\ntopic write ferry/{1}/data\ntopic write ferry/{1}/event\ntopic write ferry/{1}/status\n",
                    account.user, device);
  }
  return lines;
}

}  // namespace ferry::hub
