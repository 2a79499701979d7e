// T62: who may call what, from where.
#include <gtest/gtest.h>

#include "servers/hub/access.h"
#include "servers/hub/api.h"
#include "servers/hub/test_database.h"

namespace ferry::hub {
namespace {

constexpr const char* kPassword = "correct horse";
constexpr const char* kCode = "0123456789abcdef0123";

class SessionTest : public testing::Test {
 protected:
  // What one browser holds.
  struct Browser {
    std::string cookie;
    std::string csrf;
  };
  struct Extra {
    std::string origin = {};
    std::string address = "192.0.2.1";
    std::string content_type = "application/json";
    std::string bearer = {};
  };

  SessionTest() {
    EXPECT_TRUE(access.add_first_account("root", kPassword, time));
    access.add_account("olga", kPassword, Role::kOperator, time);
    access.add_account("vera", kPassword, Role::kViewer, time);
  }

  ApiResponse call(const char* method, const std::string& target, const ApiJson& body, const Browser& browser,
                   const Extra& extra) {
    const std::string text = body.is_null() ? "" : body.dump();
    return api.handle({.method = method,
                       .target = target,
                       .authorization = extra.bearer,
                       .cookie = browser.cookie,
                       .csrf = browser.csrf,
                       .origin = extra.origin,
                       .host = "hub.example",
                       .content_type = extra.content_type,
                       .body = text,
                       .address = extra.address});
  }
  ApiResponse call(const char* method, const std::string& target, const ApiJson& body = nullptr,
                   const Browser& browser = {}) {
    return call(method, target, body, browser, Extra{});
  }
  ApiResponse try_login(const std::string& user, const std::string& password, const std::string& address) {
    return call("POST", "/api/v1/session", {{"user", user}, {"password", password}}, {}, Extra{.address = address});
  }
  static Browser browser_of(const ApiResponse& response) {
    const std::string& cookie = response.headers.at(0).second;
    return {.cookie = "x=1; " + cookie.substr(0, cookie.find(';')), .csrf = response.body["csrf"]};
  }
  Browser log_in(const std::string& user) {
    const ApiResponse response = try_login(user, kPassword, "192.0.2.1");
    EXPECT_EQ(response.status, 200U) << response.body;
    return browser_of(response);
  }

  std::int64_t time = 1780000000;
  std::unique_ptr<Store> store = open_store(empty_database());
  Access access{store->sql()};
  ApiContext context{.setup_code = kCode, .now = [this] { return time; }};
  Api api{*store, context};
};

TEST_F(SessionTest, LogsInAndOut) {
  const ApiResponse response = try_login("vera", kPassword, "192.0.2.1");
  const Browser vera = browser_of(response);
  EXPECT_EQ(response.body["role"], "viewer");
  const std::string& cookie = response.headers.at(0).second;
  EXPECT_NE(cookie.find("; HttpOnly; SameSite=Strict"), std::string::npos);
  EXPECT_EQ(cookie.find("Secure"), std::string::npos);
  EXPECT_EQ(call("GET", "/api/v1/session", nullptr, vera).body["user"], "vera");
  EXPECT_EQ(call("GET", "/api/v1/devices", nullptr, vera).status, 200U);
  EXPECT_EQ(call("DELETE", "/api/v1/session", nullptr, vera).status, 204U);
  EXPECT_EQ(call("GET", "/api/v1/session", nullptr, vera).status, 401U);
}

TEST_F(SessionTest, OverTlsTheCookieIsSecure) {
  context.is_tls = true;
  EXPECT_NE(try_login("vera", kPassword, "::1").headers.at(0).second.find("; Secure"), std::string::npos);
}

TEST_F(SessionTest, T62_WrongLoginsAreRefusedAndSlowedDown) {
  for (int i = 0; i < Throttle::kFree; ++i) {
    EXPECT_EQ(try_login("vera", "wrong password", "192.0.2.7").body["error"]["code"], "wrong_login");
  }
  const ApiResponse slowed = try_login("vera", kPassword, "192.0.2.8");
  EXPECT_EQ(slowed.status, 429U);
  EXPECT_EQ(slowed.headers.at(0), (std::pair<std::string, std::string>("Retry-After", "2")));
  EXPECT_EQ(try_login("olga", kPassword, "192.0.2.7").status, 429U);  // the address waits, whatever the name
  EXPECT_EQ(try_login("olga", kPassword, "192.0.2.8").status, 200U);
  time += 3;
  EXPECT_EQ(try_login("vera", kPassword, "192.0.2.7").status, 200U);
  EXPECT_EQ(access.audit(0, 100).size(), static_cast<std::size_t>(Throttle::kFree) + 2);
}

TEST_F(SessionTest, T62_NothingChangesWithoutTheTokenOfTheSession) {
  Browser root = log_in("root");
  const ApiJson account = {{"user", "new"}, {"password", kPassword}, {"role", "viewer"}};
  EXPECT_EQ(call("POST", "/api/v1/accounts", account, {.cookie = root.cookie, .csrf = ""}).body["error"]["code"],
            "csrf");
  EXPECT_EQ(call("POST", "/api/v1/accounts", account, {.cookie = root.cookie, .csrf = log_in("vera").csrf}).status,
            403U);
  EXPECT_EQ(call("POST", "/api/v1/accounts", account, root, {.origin = "https://evil.example"}).status, 403U);
  EXPECT_EQ(call("POST", "/api/v1/accounts", account, root, {.origin = "null"}).status, 403U);
  EXPECT_EQ(call("POST", "/api/v1/accounts", account, root, {.content_type = "text/plain"}).status, 415U);
  EXPECT_FALSE(access.account("new"));
  EXPECT_EQ(call("POST", "/api/v1/accounts", account, root, {.origin = "https://hub.example"}).status, 201U);
  EXPECT_EQ(call("POST", "/api/v1/accounts", account, root).status, 409U);
}

TEST_F(SessionTest, T62_ALoginFromAForeignPageIsRefused) {
  EXPECT_EQ(call("POST", "/api/v1/session", {{"user", "vera"}, {"password", kPassword}}, {},
                 {.origin = "https://evil.example"})
                .status,
            403U);
}

TEST_F(SessionTest, T62_RolesAreKept) {
  const Browser vera = log_in("vera");
  const Browser olga = log_in("olga");
  const ApiJson account = {{"user", "new"}, {"password", kPassword}, {"role", "admin"}};
  for (const Browser& browser : {vera, olga}) {
    EXPECT_EQ(call("GET", "/api/v1/accounts", nullptr, browser).status, 403U);
    EXPECT_EQ(call("GET", "/api/v1/audit", nullptr, browser).status, 403U);
    EXPECT_EQ(call("POST", "/api/v1/accounts", account, browser).status, 403U);
    EXPECT_EQ(call("PATCH", "/api/v1/accounts/vera", {{"role", "admin"}}, browser).status, 403U);
    EXPECT_EQ(call("DELETE", "/api/v1/accounts/root", nullptr, browser).status, 403U);
  }
  EXPECT_EQ(access.account("vera")->role, Role::kViewer);
  EXPECT_EQ(call("POST", "/api/v1/tokens", {{"name", "t"}, {"scope", "operator"}}, vera).status, 403U);
}

TEST_F(SessionTest, TokensDoWhatTheirScopeAllows) {
  const Browser root = log_in("root");
  const ApiResponse made =
      call("POST", "/api/v1/tokens", {{"name", "grafana"}, {"scope", "viewer"}, {"days", 1}}, root);
  ASSERT_EQ(made.status, 201U) << made.body;
  const Extra with_token{.bearer = "Bearer " + made.body["token"].get<std::string>()};
  EXPECT_EQ(call("GET", "/api/v1/devices", nullptr, {}, with_token).status, 200U);
  EXPECT_EQ(call("GET", "/api/v1/accounts", nullptr, {}, with_token).status, 403U);
  EXPECT_EQ(call("GET", "/api/v1/tokens", nullptr, root).body["tokens"][0]["name"], "grafana");
  EXPECT_EQ(call("GET", "/api/v1/tokens", nullptr, log_in("olga")).body["tokens"].size(), 0U);
  const std::string target = "/api/v1/tokens/" + made.body["id"].dump();
  EXPECT_EQ(call("DELETE", target, nullptr, log_in("olga")).status, 404U);
  EXPECT_EQ(call("DELETE", target, nullptr, root).status, 204U);
  EXPECT_EQ(call("GET", "/api/v1/devices", nullptr, {}, with_token).status, 401U);
}

TEST_F(SessionTest, PasswordIsChangedByWhoKnowsIt) {
  const Browser vera = log_in("vera");
  const Browser elsewhere = log_in("vera");
  const auto change = [&](const char* current, const char* password) {
    return call("PUT", "/api/v1/session/password", {{"current", current}, {"password", password}}, vera).status;
  };
  EXPECT_EQ(change("wrong password", "0123456789"), 403U);
  EXPECT_EQ(change(kPassword, "short"), 400U);
  EXPECT_EQ(change(kPassword, "0123456789"), 204U);
  EXPECT_EQ(call("GET", "/api/v1/session", nullptr, vera).status, 200U);
  EXPECT_EQ(call("GET", "/api/v1/session", nullptr, elsewhere).status, 401U);
  EXPECT_EQ(try_login("vera", "0123456789", "::1").status, 200U);
}

TEST_F(SessionTest, SetUpIsOverOnceThereIsAnAccount) {
  const ApiJson body = {{"code", kCode}, {"user", "eve"}, {"password", kPassword}};
  EXPECT_EQ(call("POST", "/api/v1/setup", body).status, 409U);
  EXPECT_FALSE(access.account("eve"));
}

TEST(Setup, T62_NeedsTheCodeAndMakesAnAdmin) {
  const auto store = open_store(empty_database());
  ApiContext context{.setup_code = kCode, .now = [] { return std::int64_t{1780000000}; }};
  Api api(*store, context);
  const auto set_up = [&](const char* code) {
    const std::string body = ApiJson{{"code", code}, {"user", "ann"}, {"password", kPassword}}.dump();
    return api.handle({.method = "POST", .target = "/api/v1/setup", .content_type = "application/json", .body = body});
  };
  EXPECT_EQ(set_up("0123456789abcdef0124").status, 403U);
  EXPECT_EQ(set_up("").status, 403U);
  const ApiResponse done = set_up(kCode);
  EXPECT_EQ(done.status, 201U) << done.body;
  EXPECT_EQ(done.body["role"], "admin");
  EXPECT_EQ(set_up(kCode).status, 409U);
}

TEST_F(SessionTest, BodiesAreChecked) {
  const Browser root = log_in("root");
  for (const ApiJson& body : {ApiJson(nullptr), ApiJson::array(), ApiJson{{"user", "x"}},
                              ApiJson{{"user", 1}, {"password", kPassword}, {"role", "viewer"}},
                              ApiJson{{"user", "x"}, {"password", kPassword}, {"role", "king"}},
                              ApiJson{{"user", "<script>"}, {"password", kPassword}, {"role", "viewer"}},
                              ApiJson{{"user", "x"}, {"password", kPassword}, {"role", "viewer"}, {"more", 1}}}) {
    EXPECT_EQ(call("POST", "/api/v1/accounts", body, root).status, 400U) << body;
  }
  EXPECT_EQ(access.accounts().size(), 3U);
}

}  // namespace
}  // namespace ferry::hub
