#include "servers/hub/access.h"

#include <algorithm>
#include <array>
#include <sodium.h>

#include "host/bytes.h"
#include "host/crypto.h"
#include "servers/hub/sql.h"

namespace ferry::hub {
namespace {

constexpr std::int64_t kTouchAfter = 60;  // seconds: the time of last use is not written more often

using Text = std::string;
using Number = std::int64_t;
using MaybeNumber = std::optional<std::int64_t>;

// A secret of 192 random bits needs no slow hash.
std::string hash_of(std::string_view secret) {
  return host::to_hex(host::sha256(as_bytes(secret)));
}

std::string hash_password(const std::string& password) {
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                            crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::runtime_error("not enough memory to hash a password");
  }
  return hash.data();
}

// Of nobody: what a login under a wrong name is compared with.
const std::string& nobodys_hash() {
  static const std::string hash = hash_password(random_secret());
  return hash;
}

Role to_role(Number number) {
  return number >= 0 && number <= static_cast<Number>(Role::kAdmin) ? static_cast<Role>(number) : Role::kNobody;
}

}  // namespace

std::string_view name(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kOperator:
      return "operator";
    case Role::kAdmin:
      return "admin";
    case Role::kNobody:
      break;
  }
  return "";
}

std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::kViewer, Role::kOperator, Role::kAdmin}) {
    if (name(role) == text) {
      return role;
    }
  }
  return std::nullopt;
}

std::optional<std::string> fault_of_user(std::string_view user) {
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._@-").find(c) != std::string_view::npos;
  };
  if (user.empty() || user.size() > kMaxUserName || !std::all_of(user.begin(), user.end(), is_good)) {
    return "a user's name has 1 to 64 of the characters a-z A-Z 0-9 . _ @ -";
  }
  return std::nullopt;
}

std::optional<std::string> fault_of_password(std::string_view password) {
  if (password.size() < kMinPassword || password.size() > kMaxPassword) {
    return "a password has 10 to 256 bytes";
  }
  return std::nullopt;
}

std::string random_secret() {
  return host::to_hex(host::random_array<std::array<std::uint8_t, 24>>());
}

bool Access::has_accounts() {
  return count(sql_, Sql("SELECT COUNT(*) FROM accounts")) > 0;
}

std::vector<AccountInfo> Access::accounts() {
  std::vector<AccountInfo> all;
  for_each_row<Text, Number, Number, MaybeNumber, Number>(
      sql_, Sql("SELECT name, role, created, last_login, disabled FROM accounts ORDER BY name"),
      [&](const Text& user, Number role, Number created, MaybeNumber login, Number disabled) {
        all.push_back({user, to_role(role), created, login, disabled != 0});
      });
  return all;
}

std::optional<AccountInfo> Access::account(const std::string& user) {
  const auto row = select_one<Number, Number, MaybeNumber, Number>(
      sql_, Sql("SELECT role, created, last_login, disabled FROM accounts WHERE name = ?", user));
  if (!row) {
    return std::nullopt;
  }
  const auto& [role, created, login, disabled] = *row;
  return AccountInfo{user, to_role(role), created, login, disabled != 0};
}

void Access::add_account(const std::string& user, const std::string& password, Role role, std::int64_t now) {
  const Number rows = execute(
      sql_, Sql("INSERT INTO accounts (name, hash, role, created) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING",
                user, hash_password(password), static_cast<Number>(role), now));
  if (rows == 0) {
    throw Conflict("there is an account of this name");
  }
}

bool Access::add_first_account(const std::string& user, const std::string& password, std::int64_t now) {
  return execute(sql_, Sql("INSERT INTO accounts (name, hash, role, created) SELECT ?, ?, ?, ? "
                           "WHERE NOT EXISTS (SELECT 1 FROM accounts)",
                           user, hash_password(password), static_cast<Number>(Role::kAdmin), now)) > 0;
}

// Before it is looked who is the last admin, so that no two look at once.
void Access::lock_accounts() {
  execute(sql_, Sql("UPDATE accounts SET name = name"));
}

void Access::expect_another_admin(const std::string& user) {
  if (count(sql_, Sql("SELECT COUNT(*) FROM accounts WHERE role = ? AND disabled = 0 AND name <> ?",
                      static_cast<Number>(Role::kAdmin), user)) == 0) {
    throw Conflict("it is the last admin's account");
  }
}

bool Access::change_account(const std::string& user, const AccountChange& change) {
  const std::string hash = change.password ? hash_password(*change.password) : "";
  soci::transaction transaction(sql_);
  lock_accounts();
  const auto before = account(user);
  if (!before) {
    return false;
  }
  const Role role = change.role.value_or(before->role);
  const bool disabled = change.disabled.value_or(before->disabled);
  if (before->role == Role::kAdmin && (role != Role::kAdmin || disabled)) {
    expect_another_admin(user);
  }
  execute(sql_,
          Sql("UPDATE accounts SET role = ?, disabled = ? WHERE name = ?", static_cast<Number>(role), disabled, user));
  if (change.password) {
    execute(sql_, Sql("UPDATE accounts SET hash = ? WHERE name = ?", hash, user));
  }
  execute(sql_, Sql("DELETE FROM sessions WHERE account = ?", user));
  transaction.commit();
  return true;
}

bool Access::remove_account(const std::string& user) {
  soci::transaction transaction(sql_);
  lock_accounts();
  const auto before = account(user);
  if (!before) {
    return false;
  }
  if (before->role == Role::kAdmin) {
    expect_another_admin(user);
  }
  execute(sql_, Sql("DELETE FROM accounts WHERE name = ?", user));
  execute(sql_, Sql("DELETE FROM sessions WHERE account = ?", user));
  execute(sql_, Sql("DELETE FROM tokens WHERE account = ?", user));
  transaction.commit();
  return true;
}

bool Access::is_password(const std::string& user, const std::string& password) {
  const auto row = select_one<Text>(sql_, Sql("SELECT hash FROM accounts WHERE name = ? AND disabled = 0", user));
  const std::string hash = row ? std::get<0>(*row) : nobodys_hash();
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0 && row;
}

std::string Access::open_session(const std::string& user, std::int64_t now) {
  const std::string secret = random_secret();
  execute(sql_, Sql("DELETE FROM sessions WHERE used < ? OR created < ?", now - kSessionIdle, now - kSessionLife));
  execute(sql_, Sql("INSERT INTO sessions (hash, account, csrf, created, used) VALUES (?, ?, ?, ?, ?)", hash_of(secret),
                    user, random_secret(), now, now));
  execute(sql_, Sql("UPDATE accounts SET last_login = ? WHERE name = ?", now, user));
  return secret;
}

std::optional<Caller> Access::session(std::string_view secret, std::int64_t now) {
  const std::string hash = hash_of(secret);
  const auto row = select_one<Text, Text, Number, Number, Number>(
      sql_, Sql("SELECT s.account, s.csrf, s.created, s.used, a.role FROM sessions s JOIN accounts a ON "
                "a.name = s.account WHERE s.hash = ? AND a.disabled = 0 AND s.used >= ? AND s.created >= ?",
                hash, now - kSessionIdle, now - kSessionLife));
  if (!row) {
    return std::nullopt;
  }
  const auto& [user, csrf, created, used, role] = *row;
  if (now - used >= kTouchAfter) {
    execute(sql_, Sql("UPDATE sessions SET used = ? WHERE hash = ?", now, hash));
  }
  return Caller{.user = user,
                .role = to_role(role),
                .csrf = csrf,
                .session = hash,
                .expires = std::min(now + kSessionIdle, created + kSessionLife)};
}

void Access::close_session(const std::string& hash) {
  execute(sql_, Sql("DELETE FROM sessions WHERE hash = ?", hash));
}

void Access::set_password(const std::string& user, const std::string& password, const std::string& kept) {
  const std::string hash = hash_password(password);
  soci::transaction transaction(sql_);
  execute(sql_, Sql("UPDATE accounts SET hash = ? WHERE name = ?", hash, user));
  execute(sql_, Sql("DELETE FROM sessions WHERE account = ? AND hash <> ?", user, kept));
  transaction.commit();
}

std::pair<TokenInfo, std::string> Access::add_token(TokenInfo info) {
  if (count(sql_, Sql("SELECT COUNT(*) FROM tokens WHERE account = ?", info.user)) >= static_cast<Number>(kMaxTokens)) {
    throw Conflict("the account has 100 tokens; revoke one first");
  }
  const std::string token = "ferry_" + random_secret();
  Sql insert("INSERT INTO tokens (hash, name, account, scope, created, expires) VALUES (?, ?, ?, ?, ?, ",
             hash_of(token), info.name, info.user, static_cast<Number>(info.scope), info.created);
  info.expires ? insert.add("?)", *info.expires) : insert.add("NULL)");
  execute(sql_, insert);
  info.id = count(sql_, Sql("SELECT id FROM tokens WHERE hash = ?", hash_of(token)));
  return {info, token};
}

// A token can do no more than its account can now.
std::optional<Caller> Access::token(std::string_view token, std::int64_t now) {
  const std::string hash = hash_of(token);
  const auto row = select_one<Text, Number, Number, MaybeNumber>(
      sql_, Sql("SELECT t.account, t.scope, COALESCE(a.role, 3), t.used FROM tokens t LEFT JOIN accounts a ON "
                "a.name = t.account WHERE t.hash = ? AND (t.expires IS NULL OR t.expires > ?) AND "
                "(a.disabled = 0 OR t.account = ?)",
                hash, now, kTokenFileUser));
  if (!row) {
    return std::nullopt;
  }
  const auto& [user, scope, role, used] = *row;
  if (now - used.value_or(0) >= kTouchAfter) {
    execute(sql_, Sql("UPDATE tokens SET used = ? WHERE hash = ?", now, hash));
  }
  return Caller{.user = user, .role = to_role(std::min(scope, role))};
}

std::vector<TokenInfo> Access::tokens(const std::string& user) {
  std::vector<TokenInfo> all;
  for_each_row<Number, Text, Text, Number, Number, MaybeNumber, MaybeNumber>(
      sql_,
      Sql("SELECT id, name, account, scope, created, used, expires FROM tokens WHERE ? = '' OR account = ? ORDER BY id",
          user, user),
      [&](Number id, const Text& name, const Text& account, Number scope, Number created, MaybeNumber used,
          MaybeNumber expires) {
        all.push_back({id, name, account, to_role(scope), created, used, expires});
      });
  return all;
}

std::optional<TokenInfo> Access::remove_token(std::int64_t id, const std::string& user) {
  const auto all = tokens(user);
  const auto found = std::find_if(all.begin(), all.end(), [id](const TokenInfo& token) { return token.id == id; });
  if (found == all.end()) {
    return std::nullopt;
  }
  execute(sql_, Sql("DELETE FROM tokens WHERE id = ?", id));
  return *found;
}

void Access::log(const AuditEntry& entry) {
  execute(sql_, Sql("INSERT INTO audit (time, account, address, action, subject) VALUES (?, ?, ?, ?, ?)", entry.time,
                    entry.user, entry.address, entry.action, entry.subject));
}

std::vector<AuditEntry> Access::audit(std::int64_t before, std::size_t limit) {
  std::vector<AuditEntry> all;
  for_each_row<Number, Number, Text, Text, Text, Text>(
      sql_,
      Sql("SELECT id, time, account, address, action, subject FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?",
          before == 0 ? INT64_MAX : before, limit),
      [&](Number id, Number time, const Text& user, const Text& address, const Text& action, const Text& subject) {
        all.push_back({id, time, user, address, action, subject});
      });
  return all;
}

}  // namespace ferry::hub
