#include "device/at/exchange.h"

#include <gtest/gtest.h>
#include <string>

#include "device/at/urc.h"

namespace ferry::at {
namespace {

constexpr Instant kStart{};

std::string text_of(const Runner& runner) {
  return std::string(as_text(runner.poll_transmit()));
}

TEST(Format, WritesArguments) {
  std::array<char, 64> out{};
  const auto size =
      format("AT+X=%i,%n,\"%h\",%p,%m,%%", {.link = 3, .count = 1460, .port = 21, .mode = 1, .host = "a.b"}, out);
  ASSERT_TRUE(size);
  EXPECT_EQ(std::string_view(out.data(), *size), "AT+X=3,1460,\"a.b\",21,1,%");
  EXPECT_FALSE(format("0123456789", {}, std::span(out).first(9)));
}

TEST(Runner, EndsWithItsFinalAndKeepsItsInformation) {
  constexpr Exchange kRead{.command = "AT+CSQ", .info = "+CSQ:"};
  Runner runner;
  ASSERT_TRUE(runner.begin(kRead, {}, kStart));
  EXPECT_EQ(text_of(runner), "AT+CSQ\r");
  EXPECT_FALSE(runner.receive_line("+QIND:\"csq\",1"));
  EXPECT_TRUE(runner.receive_line("+CSQ:20,99"));
  EXPECT_TRUE(runner.is_pending());
  EXPECT_TRUE(runner.receive_line("OK"));
  EXPECT_EQ(runner.outcome(), Outcome::kDone);
  EXPECT_EQ(runner.info(), "20,99");
  EXPECT_FALSE(runner.receive_line("OK"));
}

TEST(Runner, ErrorsOfEveryKindEndIt) {
  for (const auto* line : {"ERROR", "+CMEERROR:10", "+CMSERROR:500", "+CMEERROR:SIM not inserted"}) {
    constexpr Exchange kProbe{.command = "AT"};
    Runner runner;
    ASSERT_TRUE(runner.begin(kProbe, {}, kStart));
    EXPECT_TRUE(runner.receive_line(line));
    EXPECT_EQ(runner.outcome(), Outcome::kRefused) << line;
  }
}

TEST(Runner, SendOkIsNotOk) {
  constexpr Exchange kSend{.command = "AT+QISEND=%i,%n", .final = "SENDOK", .later = "SENDFAIL"};
  Runner runner;
  ASSERT_TRUE(runner.begin(kSend, {}, kStart));
  EXPECT_FALSE(runner.receive_line("OK"));
  EXPECT_TRUE(runner.receive_line("SENDFAIL"));
  EXPECT_EQ(runner.outcome(), Outcome::kLater);
}

TEST(Runner, TheOtherLineComesBeforeOrAfterTheFinal) {
  constexpr Exchange kSend{.command = "AT+CIPSEND=%i,%n", .also = "+CIPSEND:%i,"};
  for (const bool first : {true, false}) {
    Runner runner;
    ASSERT_TRUE(runner.begin(kSend, {.link = 1, .count = 5}, kStart));
    EXPECT_FALSE(runner.receive_line("+CIPSEND:0,5,5"));
    EXPECT_TRUE(runner.receive_line(first ? "+CIPSEND:1,5,5" : "OK"));
    EXPECT_TRUE(runner.is_pending());
    EXPECT_TRUE(runner.receive_line(first ? "OK" : "+CIPSEND:1,5,5"));
    EXPECT_EQ(runner.outcome(), Outcome::kDone);
    EXPECT_EQ(runner.info(), "5,5");
  }
}

TEST(Runner, TimesOutAndKnowsAnEcho) {
  constexpr Exchange kSlow{.command = "AT+X", .timeout = 5s};
  Runner runner;
  ASSERT_TRUE(runner.begin(kSlow, {}, kStart));
  EXPECT_TRUE(runner.receive_line("AT+X"));
  EXPECT_TRUE(runner.saw_echo());
  runner.handle_timeout(kStart + 4999ms);
  EXPECT_TRUE(runner.is_pending());
  runner.handle_timeout(kStart + 5s);
  EXPECT_EQ(runner.outcome(), Outcome::kTimedOut);
}

TEST(Runner, ACommandThatIsTooLongIsNotBegun) {
  constexpr Exchange kOpen{.command = "AT+X=\"%h\""};
  Runner runner;
  const std::string host(Runner::kMaxCommand, 'x');
  EXPECT_FALSE(runner.begin(kOpen, {.host = host}, kStart));
  EXPECT_FALSE(runner.is_pending());
}

TEST(Urc, TheFirstRowThatFitsCounts) {
  constexpr Urc<int> kTable[] = {{.prefix = "+A:1,", .event = 1},
                                 {.prefix = "+A:", .event = 2, .link_field = 1, .value_field = 0}};
  EXPECT_EQ(route(std::span<const Urc<int>>(kTable), "+A:1,7,8")->link, 7U);
  const auto second = route(std::span<const Urc<int>>(kTable), "+A:2,5");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->event, 2);
  EXPECT_EQ(second->link, 5U);
  EXPECT_EQ(second->value, 2U);
  EXPECT_FALSE(route(std::span<const Urc<int>>(kTable), "+B:"));
}

}  // namespace
}  // namespace ferry::at
