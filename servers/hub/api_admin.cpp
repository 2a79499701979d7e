// Accounts, API tokens, the audit log.
#include <charconv>

#include "servers/hub/api_call.h"

namespace ferry::hub {
namespace {

constexpr std::size_t kMaxText = 256;
constexpr std::int64_t kDay = 86400;

ApiJson to_json(const AccountInfo& account) {
  return {{"user", account.user},
          {"role", name(account.role)},
          {"created", account.created},
          {"last_login", or_null(account.last_login)},
          {"disabled", account.disabled}};
}

ApiJson to_json(const TokenInfo& token) {
  return {{"id", token.id},
          {"name", token.name},
          {"user", token.user},
          {"scope", name(token.scope)},
          {"created", token.created},
          {"last_used", or_null(token.used)},
          {"expires", or_null(token.expires)}};
}

ApiJson to_json(const AuditEntry& entry) {
  return {{"id", entry.id},           {"time", entry.time},     {"user", entry.user},
          {"address", entry.address}, {"action", entry.action}, {"subject", entry.subject}};
}

Role role_of(const std::string& text, const char* member) {
  const auto role = parse_role(text);
  if (!role) {
    throw BadRequest("\"" + std::string(member) + "\" must be viewer, operator or admin");
  }
  return *role;
}

std::string without_fault(std::string text, std::optional<std::string> (*fault_of)(std::string_view)) {
  if (const auto fault = fault_of(text)) {
    throw BadRequest(*fault);
  }
  return text;
}

ApiResponse accounts(Call& call) {
  call.query.finish();
  return {.body = {{"accounts", list(call.access().accounts(), [](const AccountInfo& one) { return to_json(one); })}}};
}

ApiResponse add_account(Call& call) {
  call.query.finish();
  BodyReader body(call.request);
  const std::string user = without_fault(body.text("user", kMaxText), fault_of_user);
  const std::string password = without_fault(body.text("password", kMaxText), fault_of_password);
  const Role role = role_of(body.text("role", kMaxText), "role");
  body.finish();
  call.access().add_account(user, password, role, call.now);
  call.log("account_new", user);
  return {.status = 201, .body = to_json(call.access().account(user).value())};
}

ApiResponse change_account(Call& call) {
  call.query.finish();
  const std::string& user = call.arguments[0];
  BodyReader body(call.request);
  AccountChange change;
  if (const auto role = body.optional_text("role", kMaxText)) {
    change.role = role_of(*role, "role");
  }
  if (auto password = body.optional_text("password", kMaxText)) {
    change.password = without_fault(*password, fault_of_password);
  }
  change.disabled = body.optional_flag("disabled");
  body.finish();
  if (!call.access().change_account(user, change)) {
    throw ApiRefusal(404, "not_found", "there is no account of this name");
  }
  call.log("account_changed", user);
  return {.body = to_json(call.access().account(user).value())};
}

ApiResponse remove_account(Call& call) {
  call.query.finish();
  if (!call.access().remove_account(call.arguments[0])) {
    throw ApiRefusal(404, "not_found", "there is no account of this name");
  }
  call.log("account_gone", call.arguments[0]);
  return {.status = 204, .body = {}};
}

// Whose tokens the caller may see: an admin everybody's.
std::string token_owner(const Call& call) {
  return call.caller.role == Role::kAdmin ? "" : call.caller.user;
}

ApiResponse tokens(Call& call) {
  call.query.finish();
  const auto all = call.access().tokens(token_owner(call));
  return {.body = {{"tokens", list(all, [](const TokenInfo& one) { return to_json(one); })}}};
}

ApiResponse add_token(Call& call) {
  call.query.finish();
  BodyReader body(call.request);
  TokenInfo info{.name = body.text("name", 64), .user = call.caller.user, .created = call.now};
  info.scope = role_of(body.text("scope", kMaxText), "scope");
  if (const auto days = body.optional_integer("days", 1, 3650)) {
    info.expires = call.now + *days * kDay;
  }
  body.finish();
  if (info.name.empty()) {
    throw BadRequest("\"name\" must not be empty");
  }
  if (info.scope > call.caller.role) {
    throw ApiRefusal(403, "forbidden", "a token may do no more than who makes it");
  }
  const auto [made, token] = call.access().add_token(info);
  call.log("token_new", made.name);
  ApiJson json = to_json(made);
  json["token"] = token;
  return {.status = 201, .body = std::move(json)};
}

ApiResponse remove_token(Call& call) {
  call.query.finish();
  const std::string& text = call.arguments[0];
  std::int64_t id = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool is_number = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
  const auto removed = is_number ? call.access().remove_token(id, token_owner(call)) : std::nullopt;
  if (!removed) {
    throw ApiRefusal(404, "not_found", "you have no token of this id");
  }
  call.log("token_gone", removed->name);
  return {.status = 204, .body = {}};
}

ApiResponse audit(Call& call) {
  const std::int64_t after = call.query.integer("after", 0, 0, INT64_MAX);
  const std::size_t limit = read_limit(call.query);
  call.query.finish();
  const auto entries = call.access().audit(after, limit);
  const bool is_full = entries.size() == limit;
  return {.body = {{"entries", list(entries, [](const AuditEntry& one) { return to_json(one); })},
                   {"next", is_full ? ApiJson(entries.back().id) : ApiJson(nullptr)}}};
}

constexpr std::array kRoutes = {
    Route{"GET", {"api", "v1", "accounts"}, Role::kAdmin, accounts},
    Route{"POST", {"api", "v1", "accounts"}, Role::kAdmin, add_account},
    Route{"PATCH", {"api", "v1", "accounts", kAny}, Role::kAdmin, change_account},
    Route{"DELETE", {"api", "v1", "accounts", kAny}, Role::kAdmin, remove_account},
    Route{"GET", {"api", "v1", "tokens"}, Role::kViewer, tokens},
    Route{"POST", {"api", "v1", "tokens"}, Role::kViewer, add_token},
    Route{"DELETE", {"api", "v1", "tokens", kAny}, Role::kViewer, remove_token},
    Route{"GET", {"api", "v1", "audit"}, Role::kAdmin, audit},
};

}  // namespace

std::span<const Route> admin_routes() {
  return kRoutes;
}

}  // namespace ferry::hub
