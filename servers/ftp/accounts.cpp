#include "servers/ftp/accounts.h"

#include "host/crypto.h"

namespace ferry::server::ftp {
namespace {

// The time it takes says nothing about where two digests differ.
bool same(const Sha256Digest& a, const Sha256Digest& b) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned>(a[i]) ^ b[i];
  }
  return difference == 0;
}

}  // namespace

void Accounts::add(std::string user, std::string_view password, Rights rights) {
  accounts_.push_back({.user = std::move(user), .digest = host::sha256(as_bytes(password)), .rights = rights});
}

std::optional<Rights> Accounts::check(std::string_view user, std::string_view password) const {
  const Sha256Digest digest = host::sha256(as_bytes(password));
  std::optional<Rights> rights;
  for (const Account& account : accounts_) {
    if (same(account.digest, digest) && account.user == user) {
      rights = account.rights;
    }
  }
  if (!rights && anonymous_ && (user == "anonymous" || user == "ftp")) {
    return Rights{};
  }
  return rights;
}

}  // namespace ferry::server::ftp
