#include "tools/ferry/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/bytes.h"
#include "host/crypto.h"
#include "host/failure.h"
#include "host/files.h"

namespace ferry::tool {
namespace {

using testing::HasSubstr;

class ConfigFileTest : public testing::Test {
 protected:
  ConfigFileTest() {
    app.add_option("--listen", listen);
    app.add_option("--count", count)->check(CLI::Range(1, 9));
    app.add_flag("--verbose", verbose);
    CLI::Option* mqtt = app.add_option("--mqtt", text);
    app.add_option("--mqtt-listen", text)->excludes(mqtt);
  }
  ~ConfigFileTest() override { std::filesystem::remove(file); }

  void apply(const std::string& content, const std::string& command_line = "") {
    std::filesystem::remove(file);
    host::append_line(file, content);
    app.parse(command_line);
    apply_config_file(app, file);
  }
  std::string failure(const std::string& content) {
    try {
      apply(content);
      return "none";
    } catch (const host::Failure& error) {
      return error.what();
    }
  }

  std::filesystem::path file = std::filesystem::temp_directory_path() /
                               ("ferry-config-" + host::to_hex(host::random_array<std::array<std::uint8_t, 8>>()));
  CLI::App app;
  std::string listen = "default";
  std::string text;
  int count = 0;
  bool verbose = false;
};

TEST_F(ConfigFileTest, SetsOptions) {
  apply("# remark\n\n  listen = 0.0.0.0:80  \r\ncount=5\nverbose = true\n#count = 6");
  EXPECT_EQ(listen, "0.0.0.0:80");
  EXPECT_EQ(count, 5);
  EXPECT_TRUE(verbose);
}

TEST_F(ConfigFileTest, TheCommandLineWins) {
  apply("listen = a = b\ncount = 5\nverbose = false", "--count 7");
  EXPECT_EQ(listen, "a = b");
  EXPECT_EQ(count, 7);
  EXPECT_FALSE(verbose);
}

TEST_F(ConfigFileTest, SaysWhichLineIsWrong) {
  EXPECT_THAT(failure("count = 5\n\nlissten = x"), HasSubstr("line 3: there is no option \"lissten\""));
  EXPECT_THAT(failure("config = x"), HasSubstr("line 1: there is no option"));
  EXPECT_THAT(failure("help = true"), HasSubstr("line 1: there is no option"));
  EXPECT_THAT(failure("listen"), HasSubstr("line 1: a line has the form"));
  EXPECT_THAT(failure("listen ="), HasSubstr("line 1: a line has the form"));
  EXPECT_THAT(failure("= x"), HasSubstr("line 1: a line has the form"));
  EXPECT_THAT(failure("count = 5\ncount = 5"), HasSubstr("line 2: \"count\" is there twice"));
  EXPECT_THAT(failure("count = 10"), HasSubstr("line 1: count"));
  EXPECT_THAT(failure("count = x"), HasSubstr("line 1: count"));
  EXPECT_THAT(failure("verbose = maybe"), HasSubstr("line 1: verbose"));
  EXPECT_THAT(failure("mqtt = a\nmqtt-listen = b"), HasSubstr("excludes"));
}

}  // namespace
}  // namespace ferry::tool
