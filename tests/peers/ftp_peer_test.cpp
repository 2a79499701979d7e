// The launchers of real servers and the proxy that cuts, with libcurl as the client.
#include "host/peers/ftp_peer.h"

#include <gtest/gtest.h>

#include "host/failure.h"
#include "host/peers/drop_proxy.h"
#include "host/peers/loopback.h"
#include "tests/peers/curl.h"
#include "tests/peers/served_folder.h"

namespace ferry::peers {
namespace {

using host::DropProxy;
using host::FtpPeer;
using host::FtpServerKind;

class FtpPeerTest : public testing::TestWithParam<FtpServerKind> {
 protected:
  void SetUp() override {
    if (const auto reason = host::why_not(GetParam())) {
      GTEST_SKIP() << *reason;
    }
    folder_.put("p/manifest.suit", "manifest");
    folder_.put("p/payload", payload_);
  }
  [[nodiscard]] host::FtpPeerOptions options() const { return {.kind = GetParam(), .folder = folder_.path}; }

  const std::string payload_ = content(300'000);
  ServedFolder folder_;
};

TEST_P(FtpPeerTest, ServesAndEnds) {
  FtpPeer server(options());
  Curl curl;
  EXPECT_EQ(curl.get(server.url() + "p/manifest.suit"), CURLE_OK);
  EXPECT_EQ(curl.body, "manifest");
  EXPECT_NE(curl.get(server.url() + "p/missing"), CURLE_OK);
  EXPECT_NE(curl.put(server.url() + "p/written", "x"), CURLE_OK);
  EXPECT_FALSE(folder_.has("p/written"));
  server.stop();
  EXPECT_FALSE(host::greets(server.port(), 100ms));
  server.restart();
  Curl again;
  EXPECT_EQ(again.get(server.url() + "p/manifest.suit"), CURLE_OK);
}

TEST_P(FtpPeerTest, TakesUploads) {
  host::FtpPeerOptions with_upload = options();
  with_upload.upload = "reports";
  FtpPeer server(with_upload);
  Curl curl;
  EXPECT_EQ(curl.put(server.url() + "reports/r1", payload_), CURLE_OK);
  EXPECT_EQ(folder_.get("reports/r1"), payload_);
  EXPECT_NE(curl.put(server.url() + "p/manifest.suit", "x"), CURLE_OK) << "not given to the account";
  EXPECT_EQ(folder_.get("p/manifest.suit"), "manifest");
}

TEST_P(FtpPeerTest, HasAFullDisk) {
  host::FtpPeerOptions full = options();
  full.upload = "reports";
  full.largest_file = 100'000;
  FtpPeer server(full);
  Curl curl;
  EXPECT_NE(curl.put(server.url() + "reports/r1", payload_), CURLE_OK);
}

TEST_P(FtpPeerTest, ProxyCutsAndResumes) {
  FtpPeer server(options());
  for (const bool epsv : {true, false}) {
    DropProxy proxy(server.port(), {.after_bytes = 70'000, .times = 3});
    Curl curl;
    curl.set(CURLOPT_FTP_USE_EPSV, epsv ? 1L : 0L);
    EXPECT_EQ(curl.get_all(server.url(proxy.port()) + "p/payload", payload_.size(), 4), CURLE_OK);
    EXPECT_TRUE(curl.body == payload_);
    EXPECT_EQ(proxy.drops(), 3U);
    EXPECT_EQ(proxy.data_connections(), 4U);
    EXPECT_GE(proxy.data_bytes(), payload_.size()) << "a reset may take away what was under way";
  }
}

TEST_P(FtpPeerTest, ProxyCutsTheSessionToo) {
  FtpPeer server(options());
  DropProxy proxy(server.port(), {.after_bytes = 70'000, .times = 2, .control_too = true});
  Curl curl;
  EXPECT_EQ(curl.get_all(server.url(proxy.port()) + "p/payload", payload_.size(), 3), CURLE_OK);
  EXPECT_TRUE(curl.body == payload_);
  EXPECT_EQ(proxy.drops(), 2U);
  EXPECT_EQ(proxy.sessions(), 3U);
}

TEST_P(FtpPeerTest, ProxyCutsUploads) {
  host::FtpPeerOptions with_upload = options();
  with_upload.upload = "new";
  FtpPeer server(with_upload);
  DropProxy proxy(server.port(), {.after_bytes = 70'000, .times = 1});
  Curl curl;
  EXPECT_NE(curl.put(server.url(proxy.port()) + "new/payload", payload_), CURLE_OK);
  EXPECT_EQ(proxy.drops(), 1U);
  EXPECT_EQ(curl.put(server.url(proxy.port()) + "new/payload", payload_), CURLE_OK);
  EXPECT_EQ(folder_.get("new/payload"), payload_);
}

std::string test_name(const testing::TestParamInfo<FtpServerKind>& info) {
  std::string text(host::name(info.param));
  std::erase(text, '-');
  return text;
}
INSTANTIATE_TEST_SUITE_P(Servers, FtpPeerTest, testing::ValuesIn(host::kFtpServerKinds), test_name);

TEST(FtpPeer, NamesBothWays) {
  for (const FtpServerKind kind : host::kFtpServerKinds) {
    EXPECT_EQ(host::ftp_server_kind(host::name(kind)), kind);
  }
  EXPECT_FALSE(host::ftp_server_kind("ftpd").has_value());
}

TEST_P(FtpPeerTest, TakesUploadsAtTheTop) {
  host::FtpPeerOptions with_upload = options();
  with_upload.upload = ".";
  if (GetParam() == FtpServerKind::kVsftpd) {
    EXPECT_THROW(FtpPeer{with_upload}, host::Failure);
    return;
  }
  const FtpPeer server(with_upload);
  Curl curl;
  EXPECT_EQ(curl.put(server.url() + "new", payload_), CURLE_OK);
  EXPECT_EQ(folder_.get("new"), payload_);
}

TEST(FtpPeer, SaysThatItsPortIsTaken) {
  if (const auto reason = host::why_not(FtpServerKind::kVsftpd)) {
    GTEST_SKIP() << *reason;
  }
  const ServedFolder folder;
  const FtpPeer first({.kind = FtpServerKind::kVsftpd, .folder = folder.path});
  EXPECT_THROW(FtpPeer({.kind = FtpServerKind::kVsftpd, .folder = folder.path, .port = first.port()}), host::Failure);
}

}  // namespace
}  // namespace ferry::peers
