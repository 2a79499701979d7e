// `ferry publish` onto servers that other people wrote.
#include "host/peers/drop_proxy.h"
#include "host/peers/ftp_peer.h"
#include "tests/publish/publisher.h"

namespace ferry::publish {
namespace {

using host::DropProxy;
using host::FtpPeer;
using host::FtpServerKind;

class PublishPeers : public PublishTest, public testing::WithParamInterface<FtpServerKind> {
 protected:
  void SetUp() override {
    if (const auto reason = host::why_not(GetParam())) {
      GTEST_SKIP() << *reason;
    }
  }
  void start(std::optional<std::uint64_t> largest_file = {}) {
    server.emplace(
        host::FtpPeerOptions{.kind = GetParam(), .folder = served.path, .upload = "fw", .largest_file = largest_file});
  }
  [[nodiscard]] std::string url(std::optional<std::uint16_t> port = {}) const { return server->url(port) + "fw"; }
  [[nodiscard]] fs::path published() const { return served.path / "fw"; }

  peers::ServedFolder served;
  std::optional<FtpPeer> server;
};

TEST_P(PublishPeers, PublishesAndReplaces) {
  start();
  ASSERT_EQ(publish({url()}).code, 0) << server->log();
  expect_release(published(), 1);
  make_release_2();
  const Outcome outcome = publish({url(), "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.text;
  EXPECT_EQ(outcome.json()["targets"][0]["payloads_kept"], 1);
  expect_release(published(), 2);
  expect_no_leftovers(published());
}

TEST_P(PublishPeers, DroppedUploadLeavesTheOldReleaseInForce) {
  start();
  ASSERT_EQ(publish({url()}).code, 0);
  make_release_2();
  DropProxy proxy(server->port(), {.after_bytes = 300'000, .times = 1});
  expect_failure(publish({url(proxy.port())}), "the old release stays in force");
  expect_release(published(), 1);
  expect_no_leftovers(published());
  EXPECT_EQ(publish({url(proxy.port())}).code, 0) << "and what is there half is sent again";
  expect_release(published(), 2);
}

TEST_P(PublishPeers, FullDiskLeavesTheOldReleaseInForce) {
  start(500'000);
  ASSERT_EQ(publish({url()}).code, 0);
  make_release_2();
  expect_failure(publish({url()}), "the old release stays in force");
  expect_release(published(), 1);
  expect_no_leftovers(published());
}

std::string test_name(const testing::TestParamInfo<FtpServerKind>& info) {
  std::string text(host::name(info.param));
  std::erase(text, '-');
  return text;
}
INSTANTIATE_TEST_SUITE_P(Servers, PublishPeers, testing::ValuesIn(host::kFtpServerKinds), test_name);

}  // namespace
}  // namespace ferry::publish
