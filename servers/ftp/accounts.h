// Who may log in, and what they may do.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/crypto/crypto.h"

namespace ferry::server::ftp {

struct Rights {
  bool write = false;
};

class Accounts {
 public:
  // Users "anonymous" and "ftp", with any password. Read-only, always.
  void allow_anonymous() { anonymous_ = true; }
  // Keeps a digest of the password only. Passwords of machines are long and random: a fast digest is right for them.
  void add(std::string user, std::string_view password, Rights rights);

  [[nodiscard]] std::optional<Rights> check(std::string_view user, std::string_view password) const;

 private:
  struct Account {
    std::string user;
    Sha256Digest digest;
    Rights rights;
  };
  bool anonymous_ = false;
  std::vector<Account> accounts_;
};

}  // namespace ferry::server::ftp
