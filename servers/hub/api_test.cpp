#include "servers/hub/api.h"

#include <gtest/gtest.h>

#include "servers/hub/assets.h"
#include "servers/hub/query.h"
#include "servers/hub/sockets.h"
#include "servers/hub/test_database.h"

namespace ferry::hub {
namespace {

constexpr const char* kDevice = "01234567-89ab-4cde-8f01-23456789abcd";
constexpr const char* kToken = "0123456789abcdef";

class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    const Event refused{.kind = EventKind::kRefused, .time = 1700000000, .error = Error::kRollback, .sequence = 7};
    const std::vector<Change> changes = {
        ReadingsReceived{kDevice,
                         {{.name = "voltage", .unit = "V", .time = 10, .value = 230.5},
                          {.name = "voltage", .unit = "V", .time = 20, .value = 231},
                          {.name = "mode", .unit = "", .time = 20, .text = "eco\xff"}}},
        EventReceived{kDevice, {.kind = EventKind::kStarted, .version = suit::Version::parse("1.0.0").value()}},
        EventReceived{kDevice, refused}, StatusReceived{kDevice, true}, Refused{kDevice, Refusal::kMalformed}};
    store->apply(changes, 1780000000);
  }

  ApiResponse get(const std::string& target, const std::string& method = "GET") {
    const std::string bearer = std::string("Bearer ") + kToken;
    return api.handle({.method = method, .target = target, .authorization = bearer});
  }
  ApiJson body(const std::string& target) {
    const ApiResponse response = get(target);
    EXPECT_EQ(response.status, 200U) << target << " " << response.body;
    return response.body;
  }
  std::string error(const std::string& target, unsigned status) {
    const ApiResponse response = get(target);
    EXPECT_EQ(response.status, status) << target;
    return response.body["error"]["code"];
  }

  std::unique_ptr<Store> store = open_store(empty_database());
  ApiContext context{.token = kToken, .now = [] { return std::int64_t{1780000000}; }};
  Api api{*store, context};
};

TEST_F(ApiTest, Summary) {
  EXPECT_EQ(to_text(body("/api/v1/summary")),
            R"({"devices":1,"online":1,"readings":3,"events":2,"versions":{"1.0.0":1},"refused":{"malformed":1}})");
}

TEST_F(ApiTest, Devices) {
  const ApiJson all = body("/api/v1/devices")["devices"];
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0]["device"], kDevice);
  EXPECT_EQ(all[0]["version"], "1.0.0");
  EXPECT_EQ(body(std::string("/api/v1/devices?after=") + kDevice)["devices"].size(), 0U);
}

TEST_F(ApiTest, Device) {
  const ApiJson device = body(std::string("/api/v1/devices/") + kDevice);
  EXPECT_EQ(device["online"], true);
  EXPECT_EQ(device["last_seen"], 1780000000);
  EXPECT_EQ(device["sequence"], nullptr);
  EXPECT_EQ(device["refused"]["malformed"], 1);
  ASSERT_EQ(device["latest"].size(), 2U);
  EXPECT_EQ(device["latest"][1]["value"], 231);
  EXPECT_EQ(body("/api/v1/devices/01234567-89AB-4CDE-8F01-23456789ABCD")["device"], kDevice);
}

TEST_F(ApiTest, Readings) {
  const std::string path = std::string("/api/v1/devices/") + kDevice + "/readings";
  EXPECT_EQ(body(path)["readings"].size(), 3U);
  const ApiJson some = body(path + "?name=voltage&from=5&to=15.5")["readings"];
  ASSERT_EQ(some.size(), 1U);
  EXPECT_EQ(to_text(some[0]), R"({"name":"voltage","unit":"V","time":10.0,"value":230.5})");
  EXPECT_EQ(body(path + "?limit=1")["readings"].size(), 1U);
  EXPECT_EQ(body(path + "?name=%27%20OR%201%3D1%20--")["readings"].size(), 0U);
}

TEST_F(ApiTest, Events) {
  const ApiJson all = body("/api/v1/events?after=0");
  ASSERT_EQ(all["events"].size(), 2U);
  EXPECT_EQ(all["events"][0]["kind"], "started");
  EXPECT_EQ(all["events"][0]["time"], nullptr);
  EXPECT_EQ(all["events"][0]["error"], nullptr);
  EXPECT_EQ(all["events"][1]["error"], "rollback");
  EXPECT_EQ(all["events"][1]["error_code"], 202);
  EXPECT_EQ(all["events"][1]["time"], 1700000000);
  const std::string rest = "/api/v1/events?after=" + to_text(all["last"]);
  EXPECT_EQ(body(rest)["events"].size(), 0U);
  EXPECT_EQ(body(rest)["last"], all["last"]);
  EXPECT_EQ(body(std::string("/api/v1/devices/") + kDevice + "/events?limit=1")["events"].size(), 1U);
}

TEST_F(ApiTest, TextThatIsNoUtf8DoesNotBreakTheAnswer) {
  EXPECT_NE(to_text(body(std::string("/api/v1/devices/") + kDevice)).find("eco\xef\xbf\xbd"), std::string::npos);
}

TEST_F(ApiTest, T62_NothingWithoutTheToken) {
  for (const char* target :
       {"/api/v1/summary", "/api/v1/devices", "/api/v1/events", "/api/nothing", "/api", "/healthz/x"}) {
    for (const char* authorization : {"", "Bearer", "Bearer ", "Bearer 0123456789abcdeX", "Bearer 0123456789abcdef0",
                                      "bearer 0123456789abcdef", "Basic 0123456789abcdef", "0123456789abcdef"}) {
      const ApiResponse response = api.handle({.method = "GET", .target = target, .authorization = authorization});
      EXPECT_EQ(response.status, 401U) << target << " " << authorization;
      EXPECT_EQ(response.body.size(), 1U);
    }
  }
  EXPECT_EQ(api.handle({.method = "GET", .target = "/healthz", .authorization = ""}).status, 200U);
}

TEST_F(ApiTest, Errors) {
  EXPECT_EQ(error("/api/v1/nothing", 404), "not_found");
  EXPECT_EQ(error("/api/v1/summary/", 404), "not_found");
  EXPECT_EQ(error("/api//v1/summary", 404), "not_found");
  EXPECT_EQ(error("/api/v1/devices/11234567-89ab-4cde-8f01-23456789abcd", 404), "not_found");
  EXPECT_EQ(error("/api/v1/devices/0001", 404), "not_found");
  EXPECT_EQ(error("/api/v1/devices/*/readings", 404), "not_found");
  for (const char* query : {"?limit=0", "?limit=1001", "?limit=x", "?limit=", "?limit=1&limit=2", "?after=-1",
                            "?after=99999999999999999999", "?nothing=1", "?=1", "?after=%", "?after=%zz", "?&"}) {
    EXPECT_EQ(error(std::string("/api/v1/events") + query, 400), "bad_request") << query;
  }
  const std::string readings = std::string("/api/v1/devices/") + kDevice + "/readings";
  for (const char* query : {"?from=x", "?to=nan", "?from=inf", "?from=1e999"}) {
    EXPECT_EQ(error(readings + query, 400), "bad_request") << query;
  }
  EXPECT_EQ(get("", "GET").status, 400U);
  EXPECT_EQ(get("*", "OPTIONS").status, 400U);
}

// The dashboard, where it is compiled in, holds no data; whatever is no file of it is its page.
TEST_F(ApiTest, PathsOfTheDashboard) {
  for (const char* target : {"/", "/devices/x", "//api/v1/summary"}) {
    const ApiResponse response = api.handle({.method = "GET", .target = target});
    EXPECT_EQ(response.status, find_page("") == nullptr ? 401U : 200U) << target;
    EXPECT_EQ(response.content_type.starts_with("text/html"), find_page("") != nullptr) << target;
  }
}

TEST_F(ApiTest, OnlyReads) {
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get"}) {
    const ApiResponse response = get("/api/v1/summary", method);
    EXPECT_EQ(response.status, 405U) << method;
    EXPECT_EQ(response.allow, "GET, HEAD");
  }
  EXPECT_EQ(get("/api/v1/summary", "HEAD").status, 200U);
}

TEST(Target, IsTakenApart) {
  const Target target = parse_target("/a/%2Fb/?x=1%262&y");
  EXPECT_EQ(target.path, (std::vector<std::string>{"a", "/b", ""}));
  EXPECT_EQ(target.query, (std::map<std::string, std::string>{{"x", "1&2"}, {"y", ""}}));
  EXPECT_TRUE(parse_target("/a?").query.empty());
}

TEST(Sockets, AddressesToListenOn) {
  const auto is = [](std::string_view text, const char* address, std::uint16_t port) {
    const ListenAddress listen = parse_listen(text);
    return listen.address == address && listen.port == port;
  };
  EXPECT_TRUE(is("127.0.0.1:80", "127.0.0.1", 80));
  EXPECT_TRUE(is("0.0.0.0:1883", "0.0.0.0", 1883));
  EXPECT_TRUE(is(":80", "127.0.0.1", 80));
  EXPECT_TRUE(is("127.0.0.2", "127.0.0.2", 0));
  EXPECT_TRUE(is("[::1]:80", "::1", 80));
  for (const char* bad :
       {"x:80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:80x", "::1:80", "[::1]80", "[x]:1", "1:-1"}) {
    EXPECT_THROW(static_cast<void>(parse_listen(bad)), std::runtime_error) << bad;
  }
  EXPECT_EQ(format_listen("::1", 80), "[::1]:80");
}

}  // namespace
}  // namespace ferry::hub
