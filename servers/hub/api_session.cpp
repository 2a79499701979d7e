// Logging in and out.
#include "servers/hub/api_call.h"

namespace ferry::hub {
namespace {

constexpr std::size_t kMaxText = 256;

ApiJson session_json(const Caller& caller) {
  return {
      {"user", caller.user}, {"role", name(caller.role)}, {"csrf", caller.csrf}, {"expires", or_null(caller.expires)}};
}

std::string cookie(const ApiContext& context, const std::string& secret, std::int64_t seconds) {
  return "ferry_session=" + secret + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds) +
         (context.is_tls ? "; Secure" : "");
}

ApiResponse log_in(Call& call, const std::string& user, unsigned status) {
  const std::string secret = call.access().open_session(user, call.now);
  call.caller = call.access().session(secret, call.now).value();
  return {.status = status,
          .body = session_json(call.caller),
          .headers = {{"Set-Cookie", cookie(call.context, secret, kSessionLife)}}};
}

// One place for who waits: by the name that is tried and by where it is tried from.
class Attempt {
 public:
  Attempt(Call& call, const std::string& user) : call_(call), user_("u:" + user), address_(call.request.address) {}

  [[nodiscard]] std::optional<ApiResponse> refusal() {
    const std::int64_t wait =
        std::max(call_.context.by_user.wait(user_, call_.now), call_.context.by_address.wait(address_, call_.now));
    if (wait == 0) {
      return std::nullopt;
    }
    ApiResponse refused = api_error(429, "too_many_attempts", "too many attempts; wait " + std::to_string(wait) + " s");
    refused.headers.emplace_back("Retry-After", std::to_string(wait));
    return refused;
  }
  void failed() {
    call_.context.by_user.failed(user_, call_.now);
    call_.context.by_address.failed(address_, call_.now);
  }
  void succeeded() {
    call_.context.by_user.succeeded(user_);
    call_.context.by_address.succeeded(address_);
  }

 private:
  Call& call_;
  std::string user_;
  std::string address_;
};

void expect_good(const std::string& user, const std::string& password) {
  for (const auto& fault : {fault_of_user(user), fault_of_password(password)}) {
    if (fault) {
      throw BadRequest(*fault);
    }
  }
}

ApiResponse set_up(Call& call) {
  call.query.finish();
  BodyReader body(call.request);
  const std::string code = body.text("code", kMaxText);
  const std::string user = body.text("user", kMaxText);
  const std::string password = body.text("password", kMaxText);
  body.finish();
  Attempt attempt(call, "(setup)");
  if (auto refused = attempt.refusal()) {
    return *refused;
  }
  if (call.access().has_accounts()) {
    throw Conflict("the hub is set up; log in");
  }
  if (call.context.setup_code.empty() || code != call.context.setup_code) {
    attempt.failed();
    throw ApiRefusal(403, "forbidden", "this is not the code of the set-up link that the hub printed when it started");
  }
  expect_good(user, password);
  if (!call.access().add_first_account(user, password, call.now)) {
    throw Conflict("the hub is set up; log in");
  }
  attempt.succeeded();
  ApiResponse response = log_in(call, user, 201);
  call.log("setup", user);
  return response;
}

ApiResponse open_session(Call& call) {
  call.query.finish();
  BodyReader body(call.request);
  const std::string user = body.text("user", kMaxText);
  const std::string password = body.text("password", kMaxText);
  body.finish();
  Attempt attempt(call, user);
  if (auto refused = attempt.refusal()) {
    return *refused;
  }
  if (!call.access().is_password(user, password)) {
    attempt.failed();
    call.log("login_failed", user);
    throw ApiRefusal(401, "wrong_login", "the name or the password is wrong");
  }
  attempt.succeeded();
  ApiResponse response = log_in(call, user, 200);
  call.log("login", user);
  return response;
}

ApiResponse session(Call& call) {
  call.query.finish();
  return {.body = session_json(call.caller)};
}

ApiResponse close_session(Call& call) {
  call.query.finish();
  if (!call.caller.session.empty()) {
    call.access().close_session(call.caller.session);
    call.log("logout", call.caller.user);
  }
  return {.status = 204, .body = {}, .headers = {{"Set-Cookie", cookie(call.context, "", 0)}}};
}

ApiResponse change_password(Call& call) {
  call.query.finish();
  BodyReader body(call.request);
  const std::string current = body.text("current", kMaxText);
  const std::string password = body.text("password", kMaxText);
  body.finish();
  if (call.caller.session.empty()) {
    throw ApiRefusal(403, "forbidden", "log in to change a password; an API token does not do");
  }
  Attempt attempt(call, call.caller.user);
  if (auto refused = attempt.refusal()) {
    return *refused;
  }
  if (!call.access().is_password(call.caller.user, current)) {
    attempt.failed();
    throw ApiRefusal(403, "wrong_login", "the current password is wrong");
  }
  expect_good(call.caller.user, password);
  call.access().set_password(call.caller.user, password, call.caller.session);
  call.log("password", call.caller.user);
  return {.status = 204, .body = {}};
}

constexpr std::array kRoutes = {
    Route{"POST", {"api", "v1", "setup"}, Role::kNobody, set_up},
    Route{"GET", {"api", "v1", "session"}, Role::kViewer, session},
    Route{"POST", {"api", "v1", "session"}, Role::kNobody, open_session},
    Route{"DELETE", {"api", "v1", "session"}, Role::kViewer, close_session},
    Route{"PUT", {"api", "v1", "session", "password"}, Role::kViewer, change_password},
};

}  // namespace

std::span<const Route> session_routes() {
  return kRoutes;
}

}  // namespace ferry::hub
