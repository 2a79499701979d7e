// Accounts, sessions, API tokens and the audit log, in the hub's database. Passwords are kept as Argon2id, the secrets
// of sessions and tokens as hashes: who reads the database cannot log in.
//
// One object uses one connection, for one thread. Throws StoreError where the database refuses. `now`: UTC seconds.
#pragma once

#include <optional>
#include <soci/soci.h>
#include <stdexcept>
#include <string>
#include <vector>

#include "servers/hub/role.h"

namespace ferry::hub {

inline constexpr std::size_t kMinPassword = 10;   // bytes
inline constexpr std::size_t kMaxPassword = 256;  // bytes
inline constexpr std::size_t kMaxUserName = 64;
inline constexpr std::int64_t kSessionIdle = 12 * 3600;        // seconds without use
inline constexpr std::int64_t kSessionLife = 7 * 24 * 3600;    // seconds at most
inline constexpr std::size_t kMaxTokens = 100;                 // of one account
inline constexpr std::string_view kTokenFileUser = "(token)";  // whoever holds the hub's own token; no account

// What somebody asked for cannot be, as things are; its text is for them.
class Conflict : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Who asks.
struct Caller {
  std::string user;
  Role role = Role::kNobody;
  std::string csrf;                     // of a session; empty: a token was used
  std::string session;                  // hash of the session's secret; empty as well
  std::optional<std::int64_t> expires;  // of the session, if it is not used
};

struct AccountInfo {
  std::string user;
  Role role = Role::kNobody;
  std::int64_t created = 0;
  std::optional<std::int64_t> last_login;
  bool disabled = false;
};

struct AccountChange {
  std::optional<Role> role;
  std::optional<std::string> password;
  std::optional<bool> disabled;
};

struct TokenInfo {
  std::int64_t id = 0;
  std::string name;
  std::string user;
  Role scope = Role::kNobody;
  std::int64_t created = 0;
  std::optional<std::int64_t> used;
  std::optional<std::int64_t> expires;
};

struct AuditEntry {
  std::int64_t id = 0;
  std::int64_t time = 0;
  std::string user;
  std::string address;
  std::string action;
  std::string subject;
};

// Why a name or a password cannot be taken; nothing: it can.
[[nodiscard]] std::optional<std::string> fault_of_user(std::string_view user);
[[nodiscard]] std::optional<std::string> fault_of_password(std::string_view password);
// 24 random bytes in hexadecimal.
[[nodiscard]] std::string random_secret();

class Access {
 public:
  explicit Access(soci::session& sql) : sql_(sql) {}

  [[nodiscard]] bool has_accounts();
  [[nodiscard]] std::vector<AccountInfo> accounts();
  [[nodiscard]] std::optional<AccountInfo> account(const std::string& user);
  // Throws Conflict where it exists. `user` and `password` are without fault.
  void add_account(const std::string& user, const std::string& password, Role role, std::int64_t now);
  // The first one, an admin. Returns whether there was none before.
  [[nodiscard]] bool add_first_account(const std::string& user, const std::string& password, std::int64_t now);
  // Ends its sessions. Throws Conflict where no admin would be left. Returns whether there is such an account.
  bool change_account(const std::string& user, const AccountChange& change);
  // With its sessions and tokens; likewise.
  bool remove_account(const std::string& user);

  // Takes as long for a name that does not exist as for a wrong password.
  [[nodiscard]] bool is_password(const std::string& user, const std::string& password);
  // Returns the secret of a new session.
  [[nodiscard]] std::string open_session(const std::string& user, std::int64_t now);
  [[nodiscard]] std::optional<Caller> session(std::string_view secret, std::int64_t now);
  void close_session(const std::string& hash);
  // Ends the account's sessions but the one of hash `kept`.
  void set_password(const std::string& user, const std::string& password, const std::string& kept);

  // Returns the token, which is not kept. Throws Conflict where the account has too many.
  [[nodiscard]] std::pair<TokenInfo, std::string> add_token(TokenInfo info);
  [[nodiscard]] std::optional<Caller> token(std::string_view token, std::int64_t now);
  // Empty: everybody's.
  [[nodiscard]] std::vector<TokenInfo> tokens(const std::string& user);
  [[nodiscard]] std::optional<TokenInfo> remove_token(std::int64_t id, const std::string& user);

  void log(const AuditEntry& entry);
  // Newest first, those below `before` (0: from the newest on).
  [[nodiscard]] std::vector<AuditEntry> audit(std::int64_t before, std::size_t limit);

 private:
  void lock_accounts();
  void expect_another_admin(const std::string& user);

  soci::session& sql_;
};

}  // namespace ferry::hub
