#include "device/base/error.h"

#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace ferry {
namespace {

// The rows "| number | name | meaning |" of spec/errors.md.
std::map<unsigned, std::string> listed_errors() {
  std::map<unsigned, std::string> listed;
  std::ifstream file(FERRY_SOURCE_DIR "/spec/errors.md");
  for (std::string line; std::getline(file, line);) {
    std::istringstream row(line);
    std::string bar;
    std::string name;
    unsigned number = 0;
    if (row >> bar >> number >> bar >> name) {
      EXPECT_TRUE(listed.emplace(number, name).second) << number << " is listed twice";
    }
  }
  return listed;
}

TEST(Error, SpecListsEveryNumberAndNoOther) {
  const auto listed = listed_errors();
  ASSERT_GE(listed.size(), 70U);
  for (unsigned number = 0; number <= UINT16_MAX; ++number) {
    const auto row = listed.find(number);
    const std::string expected = row == listed.end() ? "unknown" : row->second;
    EXPECT_EQ(name(static_cast<Error>(number)), expected) << number;
  }
}

TEST(Error, NamesAreDifferent) {
  std::set<std::string> names;
  for (const auto& [number, name] : listed_errors()) {
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

}  // namespace
}  // namespace ferry
