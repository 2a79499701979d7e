// Commands that move data.
#include "servers/ftp/session_test_util.h"

namespace ferry::server::ftp {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SessionTransfer : public SessionTest {
 protected:
  SessionTransfer() { log_in_to_write(); }
};

TEST_F(SessionTransfer, RetrievesAFile) {
  passive();
  EXPECT_EQ(say("RETR p/payload"), "") << "150 when the data connection is there";
  EXPECT_EQ(transfer(), "150 Here it comes.\r\n226 Done.\r\n");
  EXPECT_EQ(data, "0123456789");
  EXPECT_THAT(notes, testing::Contains(HasSubstr("RETR /p/payload: 10 bytes")));
}

TEST_F(SessionTransfer, NeedsAPortOfItsOwn) {
  for (const char* line : {"RETR manifest.suit", "STOR x", "APPE x", "LIST", "NLST", "MLSD"}) {
    EXPECT_THAT(say(line), StartsWith("425 ")) << line;
  }
  passive();
  say("RETR manifest.suit");
  transfer();
  EXPECT_THAT(say("RETR manifest.suit"), StartsWith("425 ")) << "a port serves once";
}

TEST_F(SessionTransfer, PortSurvivesARefusal) {
  passive();
  EXPECT_THAT(say("RETR missing"), StartsWith("550 "));
  EXPECT_EQ(say("RETR manifest.suit"), "");
  transfer();
  EXPECT_EQ(data, "manifest");
}

TEST_F(SessionTransfer, RestartsAnywhere) {
  for (std::size_t offset = 0; offset <= 10; ++offset) {
    EXPECT_THAT(say("REST " + std::to_string(offset)), StartsWith("350 "));
    passive();
    say("RETR p/payload");
    EXPECT_THAT(transfer(), HasSubstr("226 "));
    EXPECT_EQ(data, std::string("0123456789").substr(offset));
  }
}

TEST_F(SessionTransfer, RestartBeyondTheEnd) {
  say("REST 11");
  passive();
  EXPECT_THAT(say("RETR p/payload"), StartsWith("554 "));
  EXPECT_EQ(say("RETR p/payload"), "") << "and the offset is forgotten";
  transfer();
  EXPECT_EQ(data, "0123456789");
}

TEST_F(SessionTransfer, RestTakesNumbersOnly) {
  for (const char* line : {"REST", "REST x", "REST -1", "REST 1 2", "REST 99999999999999999999", "REST 0x10"}) {
    EXPECT_THAT(say(line), StartsWith("501 ")) << line;
  }
}

TEST_F(SessionTransfer, StoresAppendsContinues) {
  passive();
  EXPECT_EQ(say("STOR new"), "");
  EXPECT_THAT(transfer("abcdef"), HasSubstr("226 "));
  EXPECT_EQ(tree.files["/new"], "abcdef");
  passive();
  say("APPE new");
  transfer("ghi");
  EXPECT_EQ(tree.files["/new"], "abcdefghi");
  say("REST 3");
  passive();
  say("STOR new");
  transfer("xyz");
  EXPECT_EQ(tree.files["/new"], "abcxyz");
}

TEST_F(SessionTransfer, FullDiskAndTooLargeFiles) {
  limits.upload = 5;
  passive();
  say("STOR manifest.suit");
  EXPECT_THAT(transfer("abcdef"), HasSubstr("552 "));
  tree.disk_is_full = true;
  passive();
  say("STOR manifest.suit");
  EXPECT_THAT(transfer("abc"), HasSubstr("452 "));
  EXPECT_EQ(tree.files["/manifest.suit"], "manifest");
}

TEST_F(SessionTransfer, Lists) {
  passive();
  say("LIST");
  EXPECT_THAT(transfer(), HasSubstr("226 "));
  EXPECT_THAT(data, HasSubstr(" 8 Nov 14  2023 manifest.suit\r\n"));
  passive();
  say("NLST p");
  transfer();
  EXPECT_EQ(data, "payload\r\n");
  passive();
  say("MLSD");
  transfer();
  EXPECT_EQ(data, "type=file;size=8;modify=20231114221320;perm=adfrw; manifest.suit\r\n");
  passive();
  say("LIST -la p");
  transfer();
  EXPECT_THAT(data, HasSubstr("payload"));
  passive();
  EXPECT_THAT(say("MLSD manifest.suit"), StartsWith("501 "));
  EXPECT_THAT(say("LIST missing"), StartsWith("550 "));
}

TEST_F(SessionTransfer, LongFoldersAreCutAndSoItSays) {
  limits.list_entries = 10;
  for (int i = 0; i < 20; ++i) {
    tree.files["/p/" + std::to_string(i)] = "";
  }
  passive();
  say("NLST p");
  EXPECT_THAT(transfer(), HasSubstr("more than is shown"));
  EXPECT_EQ(std::count(data.begin(), data.end(), '\n'), 10);
}

TEST_F(SessionTransfer, OtherCommandsWaitForTheEnd) {
  passive();
  EXPECT_EQ(send("RETR p/payload\r\nPWD\r\nNOOP\r\n"), "");
  session->data_connected(now);
  EXPECT_EQ(replies(), "150 Here it comes.\r\n");
  session->transfer_ended(Session::TransferEnd::kDone, now);
  const std::string all = replies();
  EXPECT_THAT(all, StartsWith("226 "));
  EXPECT_THAT(all, HasSubstr("\r\n257 "));
  EXPECT_THAT(all, HasSubstr("\r\n200 "));
}

TEST_F(SessionTransfer, StatusAndNoopInMidTransfer) {
  passive();
  say("RETR p/payload");
  session->data_connected(now);
  session->data_moved(4, now);
  replies();
  EXPECT_THAT(say("STAT"), HasSubstr("4 bytes so far"));
  EXPECT_THAT(say("NOOP"), StartsWith("200 "));
}

TEST_F(SessionTransfer, AbortsAtOnce) {
  passive();
  say("RETR p/payload");
  session->data_connected(now);
  replies();
  const std::string answer = send(
      "\xFF\xF4\xFF\xF2"
      "ABOR\r\n");
  EXPECT_THAT(answer, StartsWith("426 "));
  EXPECT_THAT(answer, HasSubstr("\r\n226 "));
  EXPECT_EQ(aborted, 1);
  session->transfer_ended(Session::TransferEnd::kDone, now);
  EXPECT_EQ(replies(), "") << "it is over already";
  EXPECT_THAT(say("PWD"), StartsWith("257 "));
}

TEST_F(SessionTransfer, LostDataConnection) {
  passive();
  say("RETR p/payload");
  session->data_connected(now);
  session->transfer_ended(Session::TransferEnd::kLost, now);
  EXPECT_THAT(replies(), HasSubstr("426 "));
  EXPECT_THAT(say("PWD"), StartsWith("257 "));
}

TEST_F(SessionTransfer, NoDataConnectionComes) {
  passive();
  say("RETR p/payload");
  EXPECT_EQ(pass_time(29s), "");
  EXPECT_THAT(pass_time(1s), StartsWith("425 "));
  EXPECT_EQ(aborted, 1);
}

TEST_F(SessionTransfer, T53_StalledTransferEndsAndASlowOneDoesNot) {
  passive();
  say("RETR p/payload");
  session->data_connected(now);
  replies();
  for (int hour = 0; hour < 100; ++hour) {
    EXPECT_EQ(pass_time(119s), "");
    session->data_moved(1, now);
  }
  EXPECT_THAT(pass_time(120s), StartsWith("426 "));
  EXPECT_FALSE(session->closed());
  EXPECT_EQ(pass_time(299s), "") << "idle time begins when the transfer has ended";
}

TEST_F(SessionTransfer, TransferOutlivesTheControlConnection) {
  passive();
  say("RETR p/payload");
  session->data_connected(now);
  session->input_ended(now);
  EXPECT_FALSE(session->closed());
  session->transfer_ended(Session::TransferEnd::kDone, now);
  EXPECT_TRUE(session->closed());
}

TEST_F(SessionTransfer, QuitWaitsForTheTransfer) {
  passive();
  say("RETR p/payload");
  EXPECT_EQ(say("QUIT"), "");
  const std::string all = transfer();
  EXPECT_THAT(all, HasSubstr("226 "));
  EXPECT_THAT(all, HasSubstr("221 "));
}

TEST_F(SessionTransfer, ShutDownWaitsForTheTransfer) {
  passive();
  say("RETR p/payload");
  session->shut_down(now);
  EXPECT_FALSE(session->closed());
  EXPECT_THAT(transfer(), HasSubstr("421 "));
  EXPECT_TRUE(session->closed());
}

}  // namespace
}  // namespace ferry::server::ftp
