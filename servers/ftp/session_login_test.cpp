#include "servers/ftp/session_test_util.h"

namespace ferry::server::ftp {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

using SessionLogin = SessionTest;

TEST_F(SessionLogin, AnonymousAndAccounts) {
  log_in("anonymous", "anything");
  EXPECT_EQ(session->user(), "anonymous");
  log_in("ftp", "");
  log_in("dev", "secret");
  EXPECT_THAT(say("PWD"), StartsWith("257 \"/\""));
}

TEST_F(SessionLogin, NothingBeforeLogin) {
  for (const char* line : {"PWD", "RETR manifest.suit", "LIST", "EPSV", "PASV", "STOR x", "DELE x", "TYPE I", "STAT"}) {
    EXPECT_THAT(say(line), StartsWith("530 ")) << line;
  }
  EXPECT_EQ(ports_opened, 0);
  say("USER dev");
  EXPECT_THAT(say("PWD"), StartsWith("530 "));
}

TEST_F(SessionLogin, PassNeedsUser) {
  EXPECT_THAT(say("PASS secret"), StartsWith("503 "));
  log_in();
  EXPECT_THAT(say("PASS secret"), StartsWith("503 "));
}

TEST_F(SessionLogin, AnotherUserForgetsTheFirst) {
  log_in_to_write();
  say("CWD p");
  say("USER dev");
  EXPECT_THAT(say("PWD"), StartsWith("530 "));
  EXPECT_THAT(say("PASS secret"), StartsWith("230 "));
  EXPECT_THAT(say("PWD"), StartsWith("257 \"/\""));
  EXPECT_THAT(say("DELE manifest.suit"), StartsWith("550 "));
}

TEST_F(SessionLogin, T53_WrongPasswordsEndTheSession) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    EXPECT_THAT(say("USER dev"), StartsWith("331 "));
    EXPECT_THAT(say("PASS wrong"), StartsWith("530 "));
  }
  EXPECT_THAT(say("USER nobody"), StartsWith("331 ")) << "says nothing about which users there are";
  EXPECT_THAT(say("PASS secret"), StartsWith("421 "));
  EXPECT_TRUE(session->closed());
  EXPECT_EQ(logins_failed, 3);
}

TEST_F(SessionLogin, T53_WrongPasswordIsAnsweredLate) {
  limits.failed_login_delay = 1s;
  say("USER dev");
  EXPECT_EQ(say("PASS wrong"), "");
  EXPECT_EQ(say("USER dev"), "") << "and nothing else meanwhile";
  EXPECT_EQ(session->poll_timeout(), now + 1s);
  EXPECT_EQ(pass_time(999ms), "");
  const std::string answers = pass_time(1ms);
  EXPECT_THAT(answers, StartsWith("530 "));
  EXPECT_THAT(answers, HasSubstr("331 "));
}

TEST_F(SessionLogin, T53_WhoDoesNotLogInIsSentAway) {
  EXPECT_EQ(pass_time(29s), "");
  say("NOOP");
  EXPECT_THAT(pass_time(1s), StartsWith("421 "));
  EXPECT_TRUE(session->closed());
}

TEST_F(SessionLogin, T53_LoginTimeBeginsAnewWithAnotherUser) {
  log_in();
  pass_time(200s);
  EXPECT_THAT(say("USER dev"), StartsWith("331 "));
  EXPECT_EQ(pass_time(29s), "");
  EXPECT_THAT(pass_time(1s), StartsWith("421 "));
}

TEST_F(SessionLogin, IdleSessionsEnd) {
  log_in();
  EXPECT_EQ(pass_time(299s), "");
  say("NOOP");
  EXPECT_EQ(pass_time(299s), "");
  EXPECT_THAT(pass_time(1s), StartsWith("421 "));
}

TEST_F(SessionLogin, QuitIsAnsweredAndCloses) {
  EXPECT_THAT(say("QUIT"), StartsWith("221 "));
  EXPECT_TRUE(session->closed());
  EXPECT_EQ(say("NOOP"), "");
}

TEST_F(SessionLogin, TellsWhatItCan) {
  const std::string features = say("FEAT");
  for (const char* feature : {" EPSV\r\n", " MDTM\r\n", " REST STREAM\r\n", " SIZE\r\n", " UTF8\r\n", " MLST type*;"}) {
    EXPECT_THAT(features, HasSubstr(feature));
  }
  EXPECT_THAT(features, StartsWith("211-"));
  EXPECT_THAT(features, HasSubstr("\r\n211 "));
  EXPECT_THAT(say("SYST"), StartsWith("215 UNIX"));
  EXPECT_THAT(say("HELP"), HasSubstr("RETR"));
  EXPECT_THAT(say("OPTS UTF8 ON"), StartsWith("200 "));
  EXPECT_THAT(say("OPTS MLST type;"), StartsWith("200 "));
  EXPECT_THAT(say("OPTS HASH"), StartsWith("501 "));
}

TEST_F(SessionLogin, ShutDownTellsTheClient) {
  log_in();
  session->shut_down(now);
  EXPECT_THAT(replies(), StartsWith("421 "));
  EXPECT_TRUE(session->closed());
}

}  // namespace
}  // namespace ferry::server::ftp
