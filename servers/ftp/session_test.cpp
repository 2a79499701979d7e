// Commands that move no data.
#include "servers/ftp/session_test_util.h"

namespace ferry::server::ftp {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SessionCommands : public SessionTest {
 protected:
  SessionCommands() { log_in(); }
};

TEST_F(SessionCommands, WalksTheTree) {
  EXPECT_THAT(say("CWD p"), StartsWith("250 "));
  EXPECT_THAT(say("PWD"), StartsWith("257 \"/p\""));
  EXPECT_THAT(say("SIZE payload"), StartsWith("213 10\r\n"));
  EXPECT_THAT(say("SIZE /manifest.suit"), StartsWith("213 8\r\n"));
  EXPECT_THAT(say("CDUP"), StartsWith("250 "));
  EXPECT_THAT(say("CDUP"), StartsWith("250 "));
  EXPECT_THAT(say("CWD p/payload"), StartsWith("550 "));
  EXPECT_THAT(say("CWD missing"), StartsWith("550 "));
  EXPECT_THAT(say("CWD p/../p/."), StartsWith("250 "));
  EXPECT_THAT(say("PWD"), StartsWith("257 \"/p\""));
}

TEST_F(SessionCommands, QuotesInNames) {
  tree.folders["/a\"b"] = true;
  say("CWD a\"b");
  EXPECT_THAT(say("PWD"), StartsWith("257 \"/a\"\"b\" "));
}

TEST_F(SessionCommands, SaysSizeAndTime) {
  EXPECT_EQ(say("MDTM manifest.suit"), "213 20231114221320\r\n");
  EXPECT_THAT(say("SIZE p"), StartsWith("550 "));
  EXPECT_THAT(say("SIZE missing"), StartsWith("550 "));
  EXPECT_THAT(say("MLST manifest.suit"),
              HasSubstr("\r\n type=file;size=8;modify=20231114221320;perm=r; /manifest.suit\r\n250 "));
  EXPECT_THAT(say("MLST"), HasSubstr("type=dir;"));
  EXPECT_THAT(say("STAT manifest.suit"), HasSubstr("size=8;"));
  EXPECT_THAT(say("STAT"), HasSubstr("Logged in as dev"));
}

TEST_F(SessionCommands, TypesModesStructures) {
  for (const char* line : {"TYPE I", "TYPE A", "type i", "TYPE L 8", "TYPE A N", "MODE S", "STRU F"}) {
    EXPECT_THAT(say(line), StartsWith("200 ")) << line;
  }
  for (const char* line : {"TYPE E", "MODE B", "MODE Z", "STRU R"}) {
    EXPECT_THAT(say(line), StartsWith("504 ")) << line;
  }
}

TEST_F(SessionCommands, PassiveNamesThePort) {
  EXPECT_EQ(say("EPSV"), "229 Entering Extended Passive Mode (|||4001|)\r\n");
  EXPECT_EQ(say("EPSV 1"), "229 Entering Extended Passive Mode (|||4001|)\r\n");
  EXPECT_EQ(say("PASV"), "227 Entering Passive Mode (127,0,0,1,15,161).\r\n");
  EXPECT_THAT(say("EPSV 2"), StartsWith("522 "));
  has_ports = false;
  EXPECT_THAT(say("PASV"), StartsWith("425 "));
  has_ports = true;
  EXPECT_THAT(say("EPSV ALL"), StartsWith("200 "));
  EXPECT_THAT(say("PASV"), StartsWith("501 "));
  EXPECT_THAT(say("EPSV"), StartsWith("229 "));
}

TEST_F(SessionCommands, PasvIsNotForIpv6) {
  begin(true);
  log_in();
  EXPECT_THAT(say("PASV"), StartsWith("425 "));
  EXPECT_THAT(say("EPSV 2"), StartsWith("229 "));
  EXPECT_THAT(say("EPSV 1"), StartsWith("522 "));
}

TEST_F(SessionCommands, T51_NeverConnectsToAnybody) {
  EXPECT_THAT(say("PORT 10,0,0,1,0,22"), StartsWith("502 "));
  EXPECT_THAT(say("EPRT |1|10.0.0.1|22|"), StartsWith("502 "));
  EXPECT_THAT(say("LPRT 4,10,0,0,1,2,0,22"), StartsWith("502 "));
}

TEST_F(SessionCommands, T54_ReadersChangeNothing) {
  passive();
  const auto before = tree.files;
  for (const char* line : {"STOR manifest.suit", "APPE manifest.suit", "DELE manifest.suit", "MKD q", "RMD p",
                           "RNFR manifest.suit", "RNTO other"}) {
    EXPECT_THAT(say(line), StartsWith("550 ")) << line;
  }
  EXPECT_FALSE(pending.has_value());
  EXPECT_EQ(tree.files, before);
}

TEST_F(SessionCommands, WritersChangeTheTree) {
  log_in_to_write();
  EXPECT_THAT(say("MKD q"), StartsWith("257 \"/q\""));
  EXPECT_THAT(say("MKD q"), StartsWith("550 "));
  EXPECT_THAT(say("RNFR manifest.suit"), StartsWith("350 "));
  EXPECT_THAT(say("RNTO q/m"), StartsWith("250 "));
  EXPECT_EQ(tree.files["/q/m"], "manifest");
  EXPECT_THAT(say("RNTO again"), StartsWith("503 "));
  EXPECT_THAT(say("RNFR missing"), StartsWith("550 "));
  EXPECT_THAT(say("DELE q/m"), StartsWith("250 "));
  EXPECT_THAT(say("RMD q"), StartsWith("250 "));
  EXPECT_THAT(say("RMD q"), StartsWith("550 "));
}

TEST_F(SessionCommands, AbortOfNothing) {
  EXPECT_THAT(say("ABOR"), StartsWith("226 "));
  EXPECT_EQ(aborted, 0);
}

}  // namespace
}  // namespace ferry::server::ftp
