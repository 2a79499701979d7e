// Replies, paths, credentials and uploads, against a server that breaks every rule about them.
#include "tests/ftp/hostile.h"

namespace ferry::ftp {
namespace {

// --- T24: grammar and order ---

TEST_F(FtpHostile, T24_MalformedRepliesAtEveryStepEndTheVisit) {
  for (const char* verb : {"USER", "PASS", "TYPE"}) {
    EXPECT_EQ(login_error(verb, "hello\r\n"), Error::kFtpMalformedReply);
    EXPECT_EQ(login_error(verb, std::string("230 a\0\r\n", 8)), Error::kFtpMalformedReply);
    EXPECT_EQ(login_error(verb, "230 \xff\xfb\x01\r\n"), Error::kFtpMalformedReply);
    EXPECT_EQ(login_error(verb, std::string(100000, 'x')), Error::kFtpReplyTooLong);
    EXPECT_EQ(login_error(verb, "150 x\r\n"), Error::kFtpUnexpectedReply);
    EXPECT_EQ(login_error(verb, "350 x\r\n"), Error::kFtpUnexpectedReply);
  }
  server.misbehave = {};
  client.close();
  expect_recovery();
}

TEST_F(FtpHostile, T24_EndlessMultiLineReply) {
  std::string endless = "220-\r\n";
  for (int i = 0; i < 100000; ++i) {
    endless += "220-x\r\n";
  }
  server.misbehave.greeting = endless;
  EXPECT_EQ(connect(), ClientState::kFailed);
  EXPECT_EQ(client.outcome().error(), Error::kFtpReplyTooLong);
  EXPECT_LE(faults.wire_bytes, 10000U);
}

TEST_F(FtpHostile, T24_EndlessPreliminaryRepliesDoNotExtendTheTime) {
  for (const char* verb : {"RETR"}) {
    server.misbehave.replies = {{verb, "150 a\r\n150 b\r\n125 c\r\n"}};
    ASSERT_EQ(connect(), ClientState::kReady);
    const Instant start = clock.now();
    EXPECT_EQ(retrieve("f", 0, kSize).error(), Error::kTimedOut);
    EXPECT_LE(clock.now() - start, 61s);
  }
}

TEST_F(FtpHostile, T24_RepliesAheadOfTheirCommandsAreRefused) {
  server.misbehave.greeting = "220 x\r\n331 x\r\n230 x\r\n200 x\r\n";
  EXPECT_EQ(connect(), ClientState::kFailed);
  EXPECT_EQ(client.outcome().error(), Error::kFtpUnexpectedReply);
}

TEST_F(FtpHostile, T24_UnaskedReplyBetweenRequestsEndsTheVisit) {
  server.misbehave.final_reply = "226 x\r\n226 again\r\n";
  ASSERT_EQ(connect(), ClientState::kReady);
  EXPECT_TRUE(retrieve("f").has_value());
  client.poll(clock.now());
  EXPECT_EQ(client.state(), ClientState::kFailed);
  EXPECT_TRUE(client.outcome().has_value());
}

TEST_F(FtpHostile, BareLineFeedsAndLongGreetings) {
  server.misbehave.bare_lf = true;
  server.misbehave.greeting = "220-Welcome to\r\n220-this server\r\n  220 not yet\r\n\r\n220 now\r\n";
  expect_whole();
}

TEST_F(FtpHostile, T24_OtherProtocolsOnThePort) {
  for (const char* greeting : {"HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "* OK IMAP4rev1\r\n"}) {
    client.close();
    server.misbehave.greeting = greeting;
    EXPECT_EQ(connect(), ClientState::kFailed);
    EXPECT_EQ(client.outcome().error(), Error::kFtpMalformedReply);
  }
}

// --- T25 ---

TEST_F(FtpHostile, T25_PathsWithControlCharactersAreNotSent) {
  ASSERT_EQ(connect(), ClientState::kReady);
  server.clear_log();
  for (std::string_view path : {std::string_view("a\r\nDELE b"), std::string_view("a\0b", 3), std::string_view("")}) {
    EXPECT_EQ(retrieve(path).error(), Error::kBadUri);
    EXPECT_EQ(fetch(path), DownloadState::kFailed);
    EXPECT_EQ(download.outcome().error(), Error::kBadUri);
  }
  EXPECT_EQ(server.commands().size(), 0U);
}

// --- T26 ---

TEST_F(FtpHostile, T26_WrongCredentialsFailAtOnce) {
  server.password = "other";
  expect_failure(Error::kFtpLoginRefused);
  EXPECT_EQ(server.count("PASS"), 1U);
  server.password = "ferry";
  expect_recovery();
}

TEST_F(FtpHostile, T26_LoginRepliesOfAllKinds) {
  EXPECT_EQ(login_error("USER", "530 Locked.\r\n"), Error::kFtpLoginRefused);
  EXPECT_EQ(login_error("USER", "332 Account?\r\n"), Error::kFtpLoginRefused);
  EXPECT_EQ(login_error("USER", "421 Too many users.\r\n"), Error::kFtpBusy);
  EXPECT_EQ(login_error("PASS", "332 Account?\r\n"), Error::kFtpLoginRefused);
  EXPECT_EQ(login_error("PASS", "421 Too many users.\r\n"), Error::kFtpBusy);
  EXPECT_EQ(login_error("PASS", "430 Later.\r\n"), Error::kFtpBusy);
  EXPECT_EQ(login_error("TYPE", "504 No.\r\n"), Error::kFtpRefused);
  server.misbehave.greeting = "530 Not you.\r\n";
  EXPECT_EQ(login_error("X", ""), Error::kFtpBusy);
}

TEST_F(FtpHostile, UserWithoutPassword) {
  server.misbehave.replies["USER"] = "230 No password needed.\r\n";
  ASSERT_EQ(connect(), ClientState::kFailed);  // this server answers 530 to TYPE
  EXPECT_EQ(client.outcome().error(), Error::kFtpRefused);
  EXPECT_EQ(server.count("PASS"), 0U);
}

TEST_F(FtpHostile, T26_CredentialsWithControlCharactersAreNotSent) {
  client.connect({.host = "ftp.example", .port = 21, .user = "a\r\nSTOR x", .password = "p"}, clock.now());
  EXPECT_EQ(client.outcome().error(), Error::kInvalidArgument);
  EXPECT_EQ(client.state(), ClientState::kIdle);
}

TEST_F(FtpHostile, T26_TooManyUsersBacksOffAndSucceeds) {
  server.misbehave.busy_sessions = 4;
  expect_whole();
  EXPECT_GE(clock.now(), Instant{56s});  // 5 + 10 + 20 + 40 s, less a quarter
}

TEST_F(FtpHostile, T26_DiskFullOnStoreLeavesTheClientReady) {
  ASSERT_EQ(connect(), ClientState::kReady);
  server.misbehave.disk_is_full = true;
  client.store("report", as_bytes("abc"), clock.now());
  EXPECT_EQ(run(), ClientState::kReady);
  EXPECT_EQ(client.outcome().error(), Error::kFtpRefused);
  EXPECT_TRUE(retrieve("f", 0, kSize).has_value());
}

TEST_F(FtpHostile, StoreNeedsItsFinalReply) {
  ASSERT_EQ(connect(), ClientState::kReady);
  server.misbehave.final_reply = "451 Write failed.\r\n";
  client.store("report", as_bytes("abc"), clock.now());
  EXPECT_EQ(run(), ClientState::kReady);
  EXPECT_EQ(client.outcome().error(), Error::kFtpRefused);
  server.misbehave.final = FtpServer::Final::kNever;
  client.store("report", as_bytes("abc"), clock.now());
  EXPECT_EQ(run(), ClientState::kFailed);
  EXPECT_EQ(client.outcome().error(), Error::kTimedOut);
}

// --- The rest ---

TEST_F(FtpHostile, MissingFileFailsAtOnceAndKeepsTheConnection) {
  ASSERT_EQ(fetch("missing", 10), DownloadState::kFailed);
  EXPECT_EQ(download.outcome().error(), Error::kFtpFileUnavailable);
  EXPECT_EQ(server.count("RETR"), 1U);
  expect_whole();
  EXPECT_EQ(server.count("USER"), 1U);
}

TEST_F(FtpHostile, SinkThatFailsEndsTheDownloadWithItsError) {
  sink.capacity = 3000;
  expect_failure(Error::kFlashWornOut);
  EXPECT_EQ(server.count("RETR"), 1U);
  EXPECT_EQ(client.state(), ClientState::kReady);
}

TEST_F(FtpHostile, ResetDataConnectionIsResumed) {
  server.misbehave.reset_data_at = 15000;
  download.start(kServer, "f", kSize, 0, sink, clock.now());
  run_download(3s);
  server.misbehave.reset_data_at.reset();
  ASSERT_EQ(run_download(), DownloadState::kDone);
  EXPECT_TRUE(sink.bytes == file);
}

TEST_F(FtpHostile, QuitEndsWhateverTheServerDoes) {
  for (const char* reply : {"", "500 No.\r\n", "garbage\r\n", "221 Bye.\r\n"}) {
    server.misbehave.replies["QUIT"] = reply;
    ASSERT_EQ(connect(), ClientState::kReady);
    client.quit(clock.now());
    EXPECT_EQ(run(31s), ClientState::kIdle);
    EXPECT_EQ(network.open_connections(), 0U);
  }
}

TEST_F(FtpHostile, CancelLeavesNothingOpen) {
  server.misbehave.stall_at = 100;
  download.start(kServer, "f", kSize, 0, sink, clock.now());
  run_download(10s);
  EXPECT_EQ(network.open_connections(), 2U);
  download.cancel();
  EXPECT_EQ(network.open_connections(), 0U);
  EXPECT_EQ(download.state(), DownloadState::kIdle);
  sink.bytes.clear();
  expect_recovery();
}

TEST_F(FtpHostile, PowerCutInTheMiddleEndsTheVisitAndTheNextOneResumes) {
  network.set_conditions({.latency = 100ms, .bytes_per_second = 5000});
  download.start(kServer, "f", kSize, 0, sink, clock.now());
  run_download(3s);
  ASSERT_GT(sink.bytes.size(), 0U);
  ASSERT_LT(sink.bytes.size(), kSize);
  faults.power_is_off = true;
  client.poll(clock.now());
  EXPECT_EQ(client.state(), ClientState::kFailed);
  network.poll();
  faults.power_on();
  expect_whole();
  EXPECT_EQ(server.count("REST"), 1U);
}

}  // namespace
}  // namespace ferry::ftp
