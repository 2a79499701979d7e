// The built-in server with clients that other people wrote: libcurl in this process, curl and lftp beside it.
#include <gtest/gtest.h>

#include "host/peers/child_process.h"
#include "host/peers/drop_proxy.h"
#include "tests/ftp_server/raw_client.h"
#include "tests/ftp_server/running_server.h"
#include "tests/peers/curl.h"
#include "tests/peers/served_folder.h"

namespace ferry::server::ftp {
namespace {

using peers::content;
using peers::Curl;
namespace fs = std::filesystem;

class FtpServerClients : public testing::Test {
 protected:
  FtpServerClients() {
    folder_.put("p/manifest.suit", "manifest");
    folder_.put("p/payload", payload_);
    ServerConfig config{.folder = folder_.path};
    config.accounts.allow_anonymous();
    config.accounts.add("dev", "secret", {});
    config.accounts.add("publisher", "longsecret", {.write = true});
    server_.emplace(std::move(config));
  }

  int run(std::vector<std::string> command) {
    host::ChildProcess child({.command = std::move(command), .output = scratch_.path / "output"});
    return child.wait(60s);
  }
  [[nodiscard]] std::string output() const { return scratch_.get("output"); }

  const std::string payload_ = content(5'000'000);
  peers::ServedFolder folder_;
  peers::ServedFolder scratch_;
  std::optional<RunningServer> server_;
};

TEST_F(FtpServerClients, LibcurlReads) {
  for (const char* login : {"", "dev:secret@", "publisher:longsecret@"}) {
    for (const long epsv : {1L, 0L}) {
      Curl curl;
      curl.set(CURLOPT_FTP_USE_EPSV, epsv);
      EXPECT_EQ(curl.get(server_->url(login) + "p/payload"), CURLE_OK);
      EXPECT_TRUE(curl.body == payload_);
    }
  }
  Curl curl;
  EXPECT_EQ(curl.get(server_->url("dev:wrong@")), CURLE_LOGIN_DENIED);
}

TEST_F(FtpServerClients, LibcurlResumesAndLists) {
  Curl curl;
  curl.body = payload_.substr(0, 4'999'990);
  EXPECT_EQ(curl.get_all(server_->url() + "p/payload", payload_.size(), 1), CURLE_OK);
  EXPECT_TRUE(curl.body == payload_);
  Curl list;
  EXPECT_EQ(list.get(server_->url() + "p/"), CURLE_OK);
  EXPECT_NE(list.body.find("manifest.suit\n"), std::string::npos);
}

TEST_F(FtpServerClients, LibcurlIsCutAndResumes) {
  host::DropProxy proxy(server_->port(), {.after_bytes = 1'300'000, .times = 3, .control_too = true});
  Curl curl;
  EXPECT_EQ(curl.get_all(server_->url("", proxy.port()) + "p/payload", payload_.size(), 5), CURLE_OK);
  EXPECT_TRUE(curl.body == payload_);
  EXPECT_EQ(proxy.drops(), 3U);
}

TEST_F(FtpServerClients, LibcurlWrites) {
  Curl curl;
  curl.set(CURLOPT_FTP_CREATE_MISSING_DIRS, 1L);
  EXPECT_EQ(curl.put(server_->url("publisher:longsecret@") + "new/folder/file", payload_), CURLE_OK);
  EXPECT_TRUE(folder_.get("new/folder/file") == payload_);
  EXPECT_NE(curl.put(server_->url("dev:secret@") + "new/file", "x"), CURLE_OK);
  EXPECT_NE(curl.put(server_->url() + "p/manifest.suit", "x"), CURLE_OK);
  EXPECT_EQ(folder_.get("p/manifest.suit"), "manifest");
}

TEST_F(FtpServerClients, T54_DroppedUploadLeavesTheOldFile) {
  host::DropProxy proxy(server_->port(), {.after_bytes = 2'000'000, .times = 1});
  Curl curl;
  EXPECT_NE(curl.put(server_->url("publisher:longsecret@", proxy.port()) + "p/manifest.suit", payload_), CURLE_OK);
  EXPECT_EQ(folder_.get("p/manifest.suit"), "manifest");
  server_.reset();
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path / "p"), {}), 2) << "nothing half-written is left behind";
}

TEST_F(FtpServerClients, CurlProgram) {
  ASSERT_EQ(run({"curl", "-sS", "--output", scratch_.path / "got", server_->url() + "p/payload"}), 0) << output();
  EXPECT_TRUE(scratch_.get("got") == payload_);
  // The second connection of a client at the same time, and another port of its own.
  ASSERT_EQ(run({"curl", "-sS", "-Z", "--output", scratch_.path / "a", server_->url() + "p/payload", "--output",
                 scratch_.path / "b", server_->url() + "p/payload"}),
            0);
  EXPECT_TRUE(scratch_.get("a") == payload_ && scratch_.get("b") == payload_);
}

TEST_F(FtpServerClients, LftpMirrorsBothWays) {
  if (std::system("command -v lftp >/dev/null") != 0) {
    GTEST_SKIP() << "lftp is not installed";
  }
  const std::string open =
      "set cmd:fail-exit yes; set net:max-retries 1; open " + server_->url("publisher:longsecret@");
  ASSERT_EQ(run({"lftp", "-c", open + "; mirror p " + (scratch_.path / "down").string()}), 0) << output();
  EXPECT_TRUE(scratch_.get("down/payload") == payload_);
  EXPECT_EQ(scratch_.get("down/manifest.suit"), "manifest");
  ASSERT_EQ(run({"lftp", "-c", open + "; mirror -R " + (scratch_.path / "down").string() + " up; mv up/payload up/q"}),
            0)
      << output();
  EXPECT_TRUE(folder_.get("up/q") == payload_);
  ASSERT_EQ(run({"lftp", "-c", open + "; rm -r up; cd p; pget -n 4 payload -o " + (scratch_.path / "four").string()}),
            0)
      << output();
  EXPECT_TRUE(scratch_.get("four") == payload_);
  EXPECT_FALSE(folder_.has("up"));
}

TEST_F(FtpServerClients, GracefulStopLetsATransferEnd) {
  host::DropProxy proxy(server_->port(), {.bytes_per_second = 20'000'000});
  Curl curl;
  const auto result =
      std::async(std::launch::async, [&] { return curl.get(server_->url("", proxy.port()) + "p/payload"); });
  while (proxy.data_bytes() < 100'000) {
    std::this_thread::yield();
  }
  RawClient idle(server_->port());
  idle.line();
  server_->stop(30s);
  EXPECT_EQ(idle.line().substr(0, 3), "421");
  result.wait();
  EXPECT_TRUE(curl.body == payload_);
  EXPECT_THROW(RawClient(server_->port()), boost::system::system_error);
}

}  // namespace
}  // namespace ferry::server::ftp
