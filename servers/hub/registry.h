// The devices that may log in: JSON lines as `ferry provision --devices` appends them,
// {"device": uuid, "serial": .., "product": .., "user": .., "password": .., "seal": 32 hexadecimal digits, if it
// seals}.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "servers/hub/types.h"

namespace ferry::hub {

inline constexpr std::string_view kHubUser = "ferry-hub";  // the hub's own account at its broker

struct Account {
  std::string device;  // canonical text of a UUID
  std::string serial;
  std::string product;
  std::string user;
  std::string password;
  std::optional<SealKey> seal = {};  // set: what it says is sealed, or refused
};

class Registry {
 public:
  // A device's last line counts. Throws host::Failure, naming the line: no JSON object, no UUID, no user or password,
  // a user that two devices share (a broker could not tell them apart), or with characters that a broker's files do
  // not allow.
  [[nodiscard]] static Registry parse(std::string_view lines, std::string_view origin);
  [[nodiscard]] static Registry load(const std::filesystem::path& file);

  [[nodiscard]] const std::map<std::string, Account>& accounts() const { return accounts_; }  // by device
  [[nodiscard]] const Account* find(const std::string& device) const;

 private:
  std::map<std::string, Account> accounts_;
};

}  // namespace ferry::hub
