// What no client says.
#include <random>

#include "servers/ftp/session_test_util.h"

namespace ferry::server::ftp {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

class SessionHostile : public SessionTest {
 protected:
  SessionHostile() { log_in_to_write(); }
};

TEST_F(SessionHostile, T50_NothingAboveTheRoot) {
  passive();
  for (const char* path : {"..", "../", "/..", "../../etc/passwd", "p/../../etc/passwd", "/../etc/passwd", "p/../..",
                           "./../x", "//..//x"}) {
    for (const char* verb : {"RETR ", "STOR ", "CWD ", "SIZE ", "MDTM ", "MLST ", "DELE ", "MKD ", "RMD ", "RNFR "}) {
      EXPECT_THAT(say(verb + std::string(path)), StartsWith("550 ")) << verb << path;
    }
  }
  EXPECT_FALSE(pending.has_value());
}

TEST_F(SessionHostile, T50_TildeAndWildcardsAreNames) {
  passive();
  for (const char* path : {"~", "~root", "*", "p/*", "{a,b}", "[a-z]*", "*/../*/../*/../*/../*", "%2e%2e/x"}) {
    EXPECT_THAT(say("LIST " + std::string(path)), StartsWith("550 ")) << path;
    EXPECT_THAT(say("RETR " + std::string(path)), StartsWith("550 ")) << path;
  }
}

TEST_F(SessionHostile, T50_ControlCharactersAreRefused) {
  for (const char c : {'\0', '\r', '\t', '\x1B', '\x7F', '\xFF'}) {
    const std::string line = "RETR mani" + std::string(1, c) + "fest.suit\r\n";
    EXPECT_THAT(send(line), StartsWith("501 ")) << static_cast<int>(c);
  }
}

TEST_F(SessionHostile, T50_DeepAndLongPathsAreRefused) {
  std::string deep;
  for (int i = 0; i < 40; ++i) {
    deep += "a/";
  }
  EXPECT_THAT(say("MKD " + deep), StartsWith("553 "));
  EXPECT_THAT(say("MKD " + std::string(256, 'a')), StartsWith("553 "));
}

TEST_F(SessionHostile, T54_NamesOfUploadsUnderWayAreReserved) {
  passive();
  for (const char* verb : {"RETR ", "STOR ", "DELE ", "RNFR "}) {
    EXPECT_THAT(say(verb + std::string(".ferry-upload-00")), StartsWith("553 ")) << verb;
  }
}

TEST_F(SessionHostile, T52_OverlongLineClosesTheSession) {
  limits.line = 100;
  begin();
  EXPECT_THAT(say("USER " + std::string(95, 'a')), StartsWith("331 "));
  EXPECT_THAT(say("USER " + std::string(96, 'a')), StartsWith("500 "));
  EXPECT_TRUE(session->closed());
  begin();
  EXPECT_EQ(send(std::string(101, 'a')), "");
  EXPECT_TRUE(session->wants_input());
  EXPECT_THAT(send("a"), StartsWith("500 "));
  EXPECT_FALSE(session->wants_input());
}

TEST_F(SessionHostile, T52_EndlessInputWithoutALineIsBounded) {
  std::size_t taken = 0;
  while (session->wants_input() && taken < (1U << 25)) {
    send(std::string(1000, 'x'));
    taken += 1000;
  }
  EXPECT_LE(taken, 3000U);
  EXPECT_TRUE(session->closed());
}

TEST_F(SessionHostile, T52_FloodOfCommandsWaitsUntilRepliesLeave) {
  std::string flood;
  for (int i = 0; i < 2000; ++i) {
    flood += "HELP\r\n";
  }
  session->receive(as_bytes(flood), now);
  EXPECT_FALSE(session->wants_input());
  std::size_t answers = 0;
  for (int round = 0; round < 10'000 && answers < 2000; ++round) {
    const std::string text = session->poll_transmit();
    EXPECT_LE(text.size(), limits.unsent_replies + 2000);
    for (auto at = text.find("\r\n214 "); at != std::string::npos; at = text.find("\r\n214 ", at + 1)) {
      ++answers;
    }
    session->handle_timeout(now);
  }
  EXPECT_EQ(answers, 2000U);
}

TEST_F(SessionHostile, T52_InputWaitsDuringATransfer) {
  passive();
  say("RETR p/payload");
  session->data_connected(now);
  replies();
  int sent = 0;
  while (session->wants_input() && sent < 1000) {
    EXPECT_EQ(say("PWD"), "");
    ++sent;
  }
  EXPECT_LT(sent, 300);
}

TEST_F(SessionHostile, T52_NonsenseClosesTheSession) {
  for (std::uint32_t i = 1; i < limits.bad_commands; ++i) {
    EXPECT_THAT(say(i % 2 == 0 ? "XYZZY" : "1234"), AnyOf(StartsWith("502 "), StartsWith("500 ")));
  }
  EXPECT_THAT(say("XYZZY"), StartsWith("421 "));
  EXPECT_TRUE(session->closed());
}

TEST_F(SessionHostile, T52_HttpIsSentAway) {
  begin();
  EXPECT_THAT(send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("421 "));
  EXPECT_TRUE(session->closed());
}

TEST_F(SessionHostile, T52_TelnetCommandsInFrontAreSkipped) {
  EXPECT_THAT(send("\xFF\xFD\x01\xFF\xF1NOOP\r\n"), StartsWith("200 "));
  EXPECT_THAT(send("\xFF\r\n"), StartsWith("500 "));
}

TEST_F(SessionHostile, T52_OneCommandALine) {
  EXPECT_THAT(send("PWD\rDELE manifest.suit\r\n"), AnyOf(StartsWith("500 "), StartsWith("501 ")));
  EXPECT_THAT(send("CWD p\rDELE manifest.suit\r\n"), StartsWith("501 "));
  EXPECT_TRUE(tree.files.contains("/manifest.suit"));
}

TEST_F(SessionHostile, BytesOneByOneAreTheSame) {
  std::string answers;
  for (const char c : std::string("PWD\r\nEPSV\r\nSIZE manifest.suit\nNOOP\r\n")) {
    answers += send(std::string(1, c));
  }
  EXPECT_THAT(answers, HasSubstr("257 "));
  EXPECT_THAT(answers, HasSubstr("229 "));
  EXPECT_THAT(answers, HasSubstr("213 8"));
  EXPECT_THAT(answers, HasSubstr("200 "));
}

// Any bytes, with transfers that end now and then: every reply is a well-formed line, nothing above the root is
// reached, and memory stays bounded.
TEST_F(SessionHostile, T52_RandomSessions) {
  constexpr std::array kPieces = {"USER dev\r\n",
                                  "PASS secret\r\n",
                                  "EPSV\r\n",
                                  "PASV\r\n",
                                  "RETR p/payload\r\n",
                                  "STOR x\r\n",
                                  "ABOR\r\n",
                                  "REST 3\r\n",
                                  "LIST\r\n",
                                  "CWD ..\r\n",
                                  "RNFR x\r\n",
                                  "RNTO y\r\n",
                                  "QUIT\r\n",
                                  "\xFF\xF4",
                                  "\r\n",
                                  "A",
                                  " ",
                                  "\n",
                                  "../",
                                  "STAT\r\n"};
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    begin();
    for (int step = 0; step < 60 && !session->closed(); ++step) {
      const std::string answer = send(kPieces.at(random() % kPieces.size()));
      ASSERT_TRUE(answer.empty() || answer.ends_with("\r\n")) << seed;
      if (pending && random() % 2 == 0) {
        transfer("bytes");
      }
      pass_time(Duration(random() % 3000));
    }
    pending.reset();
  }
  for (const auto& [path, content] : tree.files) {
    EXPECT_EQ(path.find(".."), std::string::npos);
  }
}

}  // namespace
}  // namespace ferry::server::ftp
