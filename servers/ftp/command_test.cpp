#include "servers/ftp/command.h"

#include <gtest/gtest.h>

namespace ferry::server::ftp {
namespace {

TEST(FtpCommand, SplitsVerbAndArgument) {
  const Command command = parse_command("retr a b\r");
  EXPECT_EQ(command.verb, "RETR");
  EXPECT_EQ(command.argument, "a b");
  EXPECT_TRUE(command.clean);
  EXPECT_EQ(parse_command("NOOP").argument, "");
  EXPECT_EQ(parse_command("CWD  x").argument, " x") << "names may begin with a space";
}

TEST(FtpCommand, VerbIsLettersOnly) {
  for (const char* line : {"", " ", "123", "RE1TR x", "\x16\x03\x01", "RETR\tx", "PWD\rDELE x"}) {
    EXPECT_EQ(parse_command(line).verb, "") << line;
  }
}

TEST(FtpCommand, ArgumentsWithControlCharactersAreNotClean) {
  using namespace std::string_view_literals;
  for (const std::string_view line : {"RETR a\0b"sv, "RETR a\rb"sv, "RETR a\x01"sv, "RETR \x7F"sv, "RETR a\xFFx"sv}) {
    EXPECT_FALSE(parse_command(line).clean);
  }
  EXPECT_TRUE(parse_command("RETR gr\xC3\xBC\xC3\x9F"
                            "e")
                  .clean);
}

TEST(FtpCommand, TelnetInFrontIsSkipped) {
  EXPECT_EQ(parse_command("\xFF\xF4\xFF\xF2"
                          "ABOR\r")
                .verb,
            "ABOR");
  EXPECT_EQ(parse_command("\xFF\xF4\xFF"
                          "ABOR")
                .verb,
            "BOR")
      << "urgent data that got lost";
  EXPECT_EQ(parse_command("\xFF\xFB\x01NOOP").verb, "NOOP");
  EXPECT_EQ(parse_command("\xFF\xFB").verb, "");
}

TEST(FtpCommand, Numbers) {
  EXPECT_EQ(parse_number("0"), 0U);
  EXPECT_EQ(parse_number("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616"}) {
    EXPECT_FALSE(parse_number(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace ferry::server::ftp
