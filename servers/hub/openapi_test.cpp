// The API against its own document: every path answers, by every method and parameter that is named there, what is
// declared there.
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <utility>

#include "servers/hub/api.h"
#include "servers/hub/assets.h"
#include "servers/hub/openapi_check.h"
#include "servers/hub/test_database.h"

namespace ferry::hub {
namespace {

using Json = nlohmann::json;

constexpr const char* kDevice = "01234567-89ab-4cde-8f01-23456789abcd";
constexpr std::int64_t kNow = 1780012800;
constexpr const char* kCode = "0123456789abcdef0123";
constexpr const char* kPassword = "a long enough one";

std::vector<Change> story() {
  std::vector<Change> all = {StatusReceived{kDevice, true}, Refused{kDevice, Refusal::kMalformed}};
  for (int i = 0; i < 40; ++i) {
    all.push_back(ReadingsReceived{
        kDevice,
        {{.name = "power", .unit = "W", .time = kNow - 40000.0 + i * 900, .value = i == 39 ? 9000 : 200 + i % 5},
         {.name = "mode", .unit = "", .time = kNow - 40000.0 + i * 900, .text = "eco"}}});
  }
  for (const EventKind kind : {EventKind::kStarted, EventKind::kJump, EventKind::kDownloading, EventKind::kDownloaded,
                               EventKind::kBurnt, EventKind::kTrial, EventKind::kConfirmed, EventKind::kJump,
                               EventKind::kDownloading, EventKind::kReverted, EventKind::kJump}) {
    Event event{.kind = kind, .time = kNow - 100 + static_cast<std::int64_t>(all.size()), .sequence = 2, .bytes = 10};
    event.error = kind == EventKind::kReverted ? Error::kRollback : Error{};
    event.version = suit::Version::parse("2.0.0").value();
    all.push_back(EventReceived{kDevice, event});
  }
  return all;
}

class DocumentTest : public testing::Test {
 protected:
  DocumentTest() {
    store->apply(story(), kNow - 4000);
    store->tend({}, kNow);
  }

  ApiResponse call(std::string method, const std::string& target, const Json& body = nullptr) {
    std::transform(method.begin(), method.end(), method.begin(), [](char c) { return static_cast<char>(c & ~0x20); });
    const std::string text = body.is_null() ? "" : body.dump();
    return api.handle({.method = method,
                       .target = target,
                       .cookie = cookie,
                       .csrf = csrf,
                       .host = "hub",
                       .content_type = "application/json",
                       .body = text});
  }
  // What is wrong with an answer that the document has to declare.
  std::string fault(const Json& operation, const ApiResponse& answer) {
    const Json& responses = operation.at("responses");
    const std::string status = std::to_string(answer.status);
    const Json& declared = responses.contains(status) ? responses[status] : responses.at("default");
    if (answer.status == 204) {
      return responses.contains(status) && answer.body.is_null() && answer.text.empty() ? "" : "204 with a body";
    }
    const std::string type =
        answer.content_type.empty() ? "application/json" : answer.content_type.substr(0, answer.content_type.find(';'));
    const Json content = declared.value("content", Json::object());
    if (answer.stream ? !content.contains("text/event-stream") : !content.contains(type)) {
      return type + " is not declared";
    }
    if (type != "application/json" || answer.stream) {
      return {};
    }
    return check.fault(content[type].at("schema"), body_of(answer));
  }
  Json body_of(const ApiResponse& answer) {
    if (answer.content_type.empty()) {
      return Json::parse(to_text(answer.body));
    }
    std::string text = answer.text;
    for (bool goes_on = static_cast<bool>(answer.more); goes_on;) {
      const std::string part = api.handle({.more = &answer.more}).text;
      text += part;
      goes_on = !part.empty();
    }
    return Json::parse(text);
  }
  void log_in(const ApiResponse& answer) {
    cookie = answer.headers.at(0).second.substr(0, answer.headers.at(0).second.find(';'));
    csrf = answer.body["csrf"];
  }
  // Calls it, and holds it against the document.
  ApiResponse expect(const std::string& method, const std::string& path, const std::string& target, unsigned status,
                     const Json& body = nullptr) {
    const Json& operation = document.at("paths").at(path).at(method);
    ApiResponse answer = call(method, target, body);
    EXPECT_EQ(answer.status, status) << method << " " << target << " " << answer.body;
    EXPECT_EQ(fault(operation, answer), "") << method << " " << target;
    EXPECT_TRUE(operation["responses"].contains(std::to_string(status)) || status >= 400) << method << " " << path;
    if (!body.is_null()) {
      EXPECT_EQ(check.fault(operation["requestBody"]["content"]["application/json"]["schema"], body), "") << path;
    }
    called.insert(method + " " + path);
    return answer;
  }
  void set_up() {
    log_in(expect("post", "/api/v1/setup", "/api/v1/setup", 201,
                  {{"code", kCode}, {"user", "grace"}, {"password", kPassword}}));
  }

  std::unique_ptr<Store> store = open_store(empty_database());
  Live live;
  ApiContext context{.token = "", .setup_code = kCode, .silent_after = 3600, .now = [] { return kNow; }, .live = &live};
  Api api{*store, context};
  Json document = Json::parse(find_asset("/api/v1/openapi.json")->bytes);
  OpenApiCheck check{document};
  std::string cookie;
  std::string csrf;
  std::set<std::string> called;
};

// Values for parameters of a name, where the document does not list them.
std::vector<std::string> values_of(const Json& parameter) {
  static const std::map<std::string, std::string> by_name = {
      {"device", kDevice},  {"version", "2.0.0"}, {"name", "power"},       {"from", "1779900000"},
      {"to", "1780012800"}, {"search", "0"},      {"product", "x"},        {"group", "x"},
      {"kind", "outlier"},  {"limit", "5"},       {"after", std::string()}};
  const Json& schema = parameter.at("schema");
  std::vector<std::string> all;
  for (const Json& value : schema.value("enum", Json::array())) {
    all.push_back(value.get<std::string>());
  }
  if (schema.value("type", "") == "boolean") {
    all = {"true", "false"};
  }
  if (all.empty()) {
    const std::string name = parameter.at("name");
    const auto known = by_name.find(name);
    EXPECT_NE(known, by_name.end()) << "no value for the parameter " << name;
    const bool is_number = schema.value("type", "") == "integer" && name == "after";
    all.push_back(is_number ? "1" : name == "after" ? kDevice : known == by_name.end() ? "" : known->second);
  }
  return all;
}

std::string with_path_parameters(std::string path) {
  for (const auto& [mark, value] : {std::pair("{device}", kDevice), std::pair("{version}", "2.0.0")}) {
    if (const std::size_t at = path.find(mark); at != std::string::npos) {
      path.replace(at, std::string_view(mark).size(), value);
    }
  }
  return path;
}

// The targets that the parameters of a GET allow: with what is required alone, and with each other value besides.
std::vector<std::string> targets(const std::string& path, const Json& operation) {
  std::string base = with_path_parameters(path);
  char separator = '?';
  for (const Json& parameter : operation["parameters"]) {
    if (parameter["in"] == "query" && parameter.value("required", false)) {
      base += std::exchange(separator, '&') + parameter["name"].get<std::string>() + "=" + values_of(parameter).front();
    }
  }
  std::vector<std::string> all = {base};
  for (const Json& parameter : operation["parameters"]) {
    if (parameter["in"] == "query" && !parameter.value("required", false)) {
      for (const std::string& value : values_of(parameter)) {
        all.push_back(base + separator + parameter["name"].get<std::string>() + "=" + value);
      }
    }
  }
  return all;
}

TEST_F(DocumentTest, EveryPathAnswersWhatItDeclares) {
  set_up();
  for (const auto& [path, operations] : document["paths"].items()) {
    if (operations.contains("get")) {
      for (const std::string& target : targets(path, operations["get"])) {
        expect("get", path, target, 200);
      }
    }
  }
  const std::string alert = call("get", "/api/v1/alerts").body["alerts"][0]["id"];
  expect("post", "/api/v1/alerts/{id}/acknowledge", "/api/v1/alerts/" + alert + "/acknowledge", 204);
  expect("patch", "/api/v1/devices/{device}", std::string("/api/v1/devices/") + kDevice, 200, {{"group", "Lyon"}});
  expect("post", "/api/v1/accounts", "/api/v1/accounts", 201,
         {{"user", "mei"}, {"password", kPassword}, {"role", "viewer"}});
  expect("patch", "/api/v1/accounts/{user}", "/api/v1/accounts/mei", 200, {{"password", "another long one"}});
  expect("delete", "/api/v1/accounts/{user}", "/api/v1/accounts/mei", 204);
  const auto token = expect("post", "/api/v1/tokens", "/api/v1/tokens", 201, {{"name", "script"}, {"scope", "viewer"}});
  expect("get", "/api/v1/tokens", "/api/v1/tokens", 200);
  expect("delete", "/api/v1/tokens/{id}", "/api/v1/tokens/" + to_text(token.body["id"]), 204);
  expect("put", "/api/v1/session/password", "/api/v1/session/password", 204,
         {{"current", kPassword}, {"password", "another long one"}});
  expect("delete", "/api/v1/session", "/api/v1/session", 204);
  log_in(
      expect("post", "/api/v1/session", "/api/v1/session", 200, {{"user", "grace"}, {"password", "another long one"}}));
  for (const auto& [path, operations] : document["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) {
      EXPECT_TRUE(called.contains(method + " " + path)) << "nobody called " << method << " " << path;
    }
  }
}

TEST_F(DocumentTest, RefusalsAreDeclaredToo) {
  for (const auto& [path, operations] : document["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) {
      const std::string target = with_path_parameters(path);
      if (operation["x-role"] != "anybody") {
        const ApiResponse nobody = call(method, target);
        EXPECT_EQ(nobody.status, 401U) << method << " " << path;
        EXPECT_EQ(fault(operation, nobody), "") << method << " " << path;
      }
    }
  }
  set_up();
  for (const auto& [path, operations] : document["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) {
      const ApiResponse wrong = call(method, with_path_parameters(path) + "?unheard=of");
      EXPECT_GE(wrong.status, 400U) << method << " " << path;
      EXPECT_EQ(fault(operation, wrong), "") << method << " " << path;
    }
  }
}

TEST_F(DocumentTest, TheCheckFindsFaults) {
  const Json& series = document["components"]["schemas"]["Span"];
  EXPECT_EQ(check.fault(series, {{"from", 1.5}, {"to", 2}}), "");
  EXPECT_EQ(check.fault(series, {{"from", 1.5}}), "$ has no to");
  EXPECT_EQ(check.fault(series, {{"from", "x"}, {"to", 2}}), "$.from is \"x\", no \"number\"");
  EXPECT_EQ(check.fault(series, {{"from", 1}, {"to", 2}, {"by", 3}}), "$.by is not in the document");
  EXPECT_THAT(check.fault(document["components"]["schemas"]["Role"], "king"), testing::HasSubstr("none of"));
}

}  // namespace
}  // namespace ferry::hub
