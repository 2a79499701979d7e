// The dashboard that is delivered for Grafana, against the metrics that there are.
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <set>

#include "servers/hub/api.h"
#include "servers/hub/test_database.h"

namespace ferry::hub {
namespace {

using Names = std::set<std::string>;

Names find_all(const std::string& text, const std::regex& pattern) {
  Names all;
  for (std::sregex_iterator one(text.begin(), text.end(), pattern), end; one != end; ++one) {
    all.insert((*one)[1]);
  }
  return all;
}

Names queried(const nlohmann::json& part) {
  Names all;
  for (const auto& [key, value] : part.items()) {
    if (key == "expr") {
      all.merge(find_all(value.get<std::string>(), std::regex("(ferry_[a-z_]+)")));
    } else if (value.is_structured()) {
      all.merge(queried(value));
    }
  }
  return all;
}

TEST(Metrics, TheDashboardForGrafanaAsksForNothingElse) {
  const auto store = open_store(empty_database());
  const Change change = StatusReceived{"01234567-89ab-4cde-8f01-23456789abcd", true};
  store->apply({&change, 1}, 1780012800);
  ApiContext context{.token = "0123456789abcdef", .now = [] { return std::int64_t{1780012800}; }};
  Api api(*store, context);
  const std::string metrics =
      api.handle({.method = "GET", .target = "/metrics", .authorization = "Bearer 0123456789abcdef"}).text;
  const Names there = find_all(metrics, std::regex("# TYPE (ferry_[a-z_]+) (?:gauge|counter)\n"));
  std::ifstream file(FERRY_DASHBOARD);
  const auto dashboard = nlohmann::json::parse(file);
  const Names asked = queried(dashboard);
  for (const std::string& name : asked) {
    EXPECT_TRUE(there.contains(name)) << name << " is not in /metrics";
  }
  EXPECT_GE(asked.size(), 12U);
  for (const auto& panel : dashboard["panels"]) {
    EXPECT_EQ(panel["datasource"]["uid"], "${datasource}") << panel["title"];
    EXPECT_TRUE(panel["type"] == "row" || !panel["targets"].empty()) << panel["title"];
  }
}

}  // namespace
}  // namespace ferry::hub
