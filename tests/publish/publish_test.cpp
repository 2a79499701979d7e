// `ferry publish` onto the built-in server, in this process.
#include "host/peers/drop_proxy.h"
#include "host/peers/loopback.h"
#include "tests/ftp_server/running_server.h"
#include "tests/publish/publisher.h"

namespace ferry::publish {
namespace {

using host::DropProxy;
using server::ftp::RunningServer;
using testing::HasSubstr;

class PublishBuiltIn : public PublishTest {
 protected:
  struct Site {
    explicit Site(std::uint64_t max_upload = 1U << 30) : server(config(folder.path, max_upload)) {}
    static server::ftp::ServerConfig config(const fs::path& path, std::uint64_t max_upload) {
      server::ftp::ServerConfig config{.folder = path};
      config.accounts.allow_anonymous();
      config.accounts.add("publisher", "longsecret", {.write = true});
      config.limits.upload = max_upload;
      return config;
    }
    [[nodiscard]] std::string url(std::optional<std::uint16_t> port = {}) const {
      return server.url("publisher:longsecret@", port) + "fw";
    }
    [[nodiscard]] fs::path published() const { return folder.path / "fw"; }
    peers::ServedFolder folder;
    RunningServer server;
  };
};

TEST_F(PublishBuiltIn, PublishesAndReplaces) {
  const Site site;
  EXPECT_EQ(publish({site.url()}).code, 0);
  expect_release(site.published(), 1);
  make_release_2();
  const nlohmann::json report = publish({site.url(), "--json"}).json();
  expect_release(site.published(), 2);
  expect_no_leftovers(site.published());
  const nlohmann::json& target = report["targets"][0];
  EXPECT_EQ(target["payloads_sent"], 1);
  EXPECT_EQ(target["payloads_kept"], 1) << "what is there with the same size is not sent again";
  EXPECT_EQ(target["manifests"], 2);
  EXPECT_TRUE(target["error"].is_null());
  EXPECT_THAT(target["url"].get<std::string>(), testing::Not(HasSubstr("longsecret")));
}

TEST_F(PublishBuiltIn, SendsAgainWhatIsThereHalf) {
  const Site site;
  site.folder.put(fs::path("fw") / kPayload, payload.substr(0, 1000));
  EXPECT_EQ(publish({site.url()}).code, 0);
  expect_release(site.published(), 1);
}

TEST_F(PublishBuiltIn, SendsAllAgainWhereToldTo) {
  const Site site;
  site.folder.put(fs::path("fw") / kPayload, std::string(payload.size(), 'x'));
  EXPECT_EQ(publish({site.url(), "--again"}).code, 0);
  expect_release(site.published(), 1);
}

TEST_F(PublishBuiltIn, HiddenFilesStayAtHome) {
  const Site site;
  repository.put(".netrc", "secret");
  repository.put(".git/config", "secret");
  EXPECT_EQ(publish({site.url()}).code, 0);
  EXPECT_FALSE(fs::exists(site.published() / ".netrc"));
  EXPECT_FALSE(fs::exists(site.published() / ".git"));
}

TEST_F(PublishBuiltIn, DroppedUploadLeavesTheOldReleaseInForce) {
  const Site site;
  ASSERT_EQ(publish({site.url()}).code, 0);
  make_release_2();
  // In the payload, in the first manifest, in the second one; the data connection alone, or the session with it.
  const host::DropPlan plans[] = {{.after_bytes = 300'000, .times = 1},
                                  {.after_bytes = 2, .times = 1, .spare_first = payload2.size()},
                                  {.after_bytes = 2, .times = 1, .spare_first = payload2.size() + 1}};
  for (host::DropPlan plan : plans) {
    for (const bool session : {false, true}) {
      fs::remove(site.published() / kPayload2);
      plan.control_too = session;
      DropProxy proxy(site.server.port(), plan);
      expect_failure(publish({site.url(proxy.port())}), "the old release stays in force");
      EXPECT_EQ(proxy.drops(), 1U);
      expect_release(site.published(), 1);
      expect_no_leftovers(site.published());
    }
  }
  EXPECT_EQ(publish({site.url()}).code, 0);
  expect_release(site.published(), 2);
}

TEST_F(PublishBuiltIn, FullDiskLeavesTheOldReleaseInForce) {
  const Site site(500'000);
  ASSERT_EQ(publish({site.url()}).code, 0);
  make_release_2();
  expect_failure(publish({site.url()}), "552");
  expect_release(site.published(), 1);
  expect_no_leftovers(site.published());
}

TEST_F(PublishBuiltIn, OneTargetFailsTheOthersAreDone) {
  const Site good;
  const Site also_good;
  const std::string nobody = "ftp://127.0.0.1:" + std::to_string(host::free_port()) + "/fw";
  const Outcome outcome = publish({good.url(), nobody, also_good.url()});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.text, HasSubstr("ferry: 1 of 3 targets not published"));
  EXPECT_THAT(outcome.text, HasSubstr(nobody));
  expect_release(good.published(), 1);
  expect_release(also_good.published(), 1);
}

// A fleet may ask any mirror for what a manifest on another one names.
TEST_F(PublishBuiltIn, AllPayloadsBeforeAnyManifest) {
  const Site first;
  const Site second;
  DropProxy slow(second.server.port(), {.bytes_per_second = 800'000});
  host::ChildProcess child(
      {.command = {FERRY_PROGRAM, "publish", repository.path, first.url(), second.url(slow.port())}});
  while (slow.data_bytes() < payload.size() / 2) {
    ASSERT_FALSE(child.has_ended(1ms));
  }
  EXPECT_TRUE(fs::exists(first.published() / kPayload));
  EXPECT_FALSE(fs::exists(first.published() / kManifest));
  EXPECT_EQ(child.wait(60s), 0);
  expect_release(first.published(), 1);
  expect_release(second.published(), 1);
}

TEST_F(PublishBuiltIn, InterruptLeavesNothingHalfDone) {
  const Site site;
  ASSERT_EQ(publish({site.url()}).code, 0);
  make_release_2();
  DropProxy slow(site.server.port(), {.bytes_per_second = 500'000});
  host::ChildProcess child({.command = {FERRY_PROGRAM, "publish", repository.path, site.url(slow.port())}});
  while (slow.data_bytes() < 100'000) {
    ASSERT_FALSE(child.has_ended(1ms));
  }
  child.signal(SIGINT);
  EXPECT_EQ(child.wait(60s), 1);
  expect_release(site.published(), 1);
  expect_no_leftovers(site.published());
}

TEST_F(PublishBuiltIn, PasswordFromEnvironmentOrNetrc) {
  const Site site;
  const std::string url = site.server.url("publisher@") + "fw";
  EXPECT_EQ(publish({url}, {"FERRY_FTP_PASSWORD=longsecret"}).code, 0);
  make_release_2();
  scratch.put(".netrc", "machine 127.0.0.1 login publisher password longsecret\n");
  EXPECT_EQ(publish({url}, {"HOME=" + scratch.path.string()}).code, 0);
  expect_release(site.published(), 2);
  scratch.put(".netrc", "");
  expect_failure(publish({url}, {"HOME=" + scratch.path.string()}), "refuses user or password");
}

TEST_F(PublishBuiltIn, AccountThatOnlyReads) {
  const Site site;
  expect_failure(publish({site.server.url() + "fw"}), "This account only reads");
}

TEST_F(PublishBuiltIn, NeedsAManifest) {
  const Site site;
  fs::remove(repository.path / kManifest);
  fs::remove(repository.path / kDeviceManifest);
  expect_failure(publish({site.url()}), "holds no manifest");
  EXPECT_FALSE(fs::exists(site.published()));
}

TEST_F(PublishBuiltIn, RefusesOtherUrlsWithoutRepeatingPasswords) {
  const Outcome outcome = publish({"http://publisher:longsecret@127.0.0.1/fw"});
  expect_failure(outcome, "ftp://user@host/folder");
  EXPECT_THAT(outcome.text, testing::Not(HasSubstr("longsecret")));
}

TEST_F(PublishBuiltIn, NeverGoesOnWithoutTlsWhereItWasAskedFor) {
  const Site site;
  expect_failure(publish({site.url(), "--tls"}), "offers no TLS");
  EXPECT_FALSE(fs::exists(site.published()));
}

}  // namespace
}  // namespace ferry::publish
