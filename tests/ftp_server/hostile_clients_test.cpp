// The built-in server with clients that mean it no good, over real sockets.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include "tests/ftp_server/raw_client.h"
#include "tests/ftp_server/running_server.h"
#include "tests/peers/curl.h"
#include "tests/peers/served_folder.h"

namespace ferry::server::ftp {
namespace {

using testing::StartsWith;

class FtpServerHostile : public testing::Test {
 protected:
  FtpServerHostile() { folder_.put("payload", payload_); }

  RunningServer& start(Limits limits = {}) {
    ServerConfig config{.folder = folder_.path, .limits = limits};
    config.accounts.allow_anonymous();
    config.accounts.add("publisher", "longsecret", {.write = true});
    return server_.emplace(std::move(config));
  }
  // After every attack an honest client is served.
  void expect_service() {
    peers::Curl curl;
    EXPECT_EQ(curl.get(server_->url() + "payload"), CURLE_OK);
    EXPECT_TRUE(curl.body == payload_);
  }
  void wait_for_sessions(std::size_t count) {
    while (server_->sessions() != count) {
      std::this_thread::yield();
    }
  }

  const std::string payload_ = peers::content(100'000);
  peers::ServedFolder folder_;
  std::optional<RunningServer> server_;
};

TEST_F(FtpServerHostile, T51_StrangerGetsNoData) {
  start();
  RawClient client(server_->port());
  client.log_in();
  const std::uint16_t port = client.epsv();
  RawClient stranger(port, "127.0.0.2");
  EXPECT_EQ(stranger.rest(), "") << "closed at once";
  client.send("RETR payload\r\n");
  RawClient owner(port);
  EXPECT_TRUE(owner.rest() == payload_) << "and the owner is served all the same";
  EXPECT_THAT(client.line(), StartsWith("150 "));
  EXPECT_THAT(client.line(), StartsWith("226 "));
}

TEST_F(FtpServerHostile, T51_PortServesOnce) {
  start();
  RawClient client(server_->port());
  client.log_in();
  const std::uint16_t port = client.epsv();
  RawClient first(port);
  EXPECT_THAT(client.say("RETR payload"), StartsWith("150 "));
  EXPECT_THROW(RawClient second(port), boost::system::system_error);
}

TEST_F(FtpServerHostile, T51_PassivePortsStayInTheirRange) {
  ServerConfig config{.folder = folder_.path, .passive_ports = PortRange(45'000, 45'049)};
  config.accounts.allow_anonymous();
  server_.emplace(std::move(config));
  RawClient client(server_->port());
  client.log_in();
  std::set<std::uint16_t> ports;
  for (int i = 0; i < 30; ++i) {
    ports.insert(client.epsv());
  }
  EXPECT_GE(*ports.begin(), 45'000);
  EXPECT_LE(*ports.rbegin(), 45'049);
  EXPECT_GT(ports.size(), 5U) << "not one after the other";
}

TEST_F(FtpServerHostile, T52_MegabytesWithoutALineEnd) {
  start();
  RawClient client(server_->port());
  client.line();
  const std::string flood(1 << 20, 'x');
  for (int i = 0; i < 32; ++i) {
    client.send(flood);
  }
  client.rest();
  wait_for_sessions(0);
  expect_service();
}

TEST_F(FtpServerHostile, T52_FloodOfCommandsThatNobodyReadsTheRepliesOf) {
  start();
  RawClient client(server_->port());
  client.log_in();
  std::string flood;
  for (int i = 0; i < 1000; ++i) {
    flood += "HELP\r\n";
  }
  timeval patience{.tv_sec = 0, .tv_usec = 200'000};
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ssize_t sent = 1;
  for (std::size_t total = 0; sent > 0 && total < (1U << 28); total += flood.size()) {
    sent = ::send(client.descriptor(), flood.data(), flood.size(), MSG_NOSIGNAL);
  }
  EXPECT_LE(sent, 0) << "the server stops reading";
  expect_service();
}

TEST_F(FtpServerHostile, T53_OneAddressDoesNotTakeAllSessions) {
  start({.sessions = 20, .sessions_per_address = 5});
  std::vector<std::unique_ptr<RawClient>> greedy;
  for (int i = 0; i < 5; ++i) {
    greedy.push_back(std::make_unique<RawClient>(server_->port(), "127.0.0.3"));
    EXPECT_THAT(greedy.back()->line(), StartsWith("220 "));
  }
  RawClient one_more(server_->port(), "127.0.0.3");
  EXPECT_THAT(one_more.line(), StartsWith("421 "));
  expect_service();
}

TEST_F(FtpServerHostile, T53_ThousandsOfHalfOpenSessions) {
  start({.login = 300ms, .sessions = 3000, .sessions_per_address = 3000});
  std::vector<std::unique_ptr<RawClient>> silent;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 20'000);
  ::setrlimit(RLIMIT_NOFILE, &files);
  // Client and server share this process's descriptors; RawClient takes three.
  const std::size_t count = std::min<std::size_t>(2000, files.rlim_cur / 6);
  for (std::size_t i = 0; i < count; ++i) {
    silent.push_back(std::make_unique<RawClient>(server_->port()));
  }
  expect_service();
  wait_for_sessions(0);
  EXPECT_THAT(silent.back()->rest(), testing::HasSubstr("421 "));
}

TEST_F(FtpServerHostile, T53_BruteForceIsLockedOut) {
  start({.failed_login_delay = 0ms, .failed_logins_per_address = 6});
  for (int session = 0; session < 2; ++session) {
    RawClient client(server_->port(), "127.0.0.4");
    client.line();
    for (int attempt = 0; attempt < 3; ++attempt) {
      client.say("USER publisher");
      client.say("PASS guess" + std::to_string(attempt));
    }
    EXPECT_EQ(client.rest(), "");
  }
  RawClient again(server_->port(), "127.0.0.4");
  EXPECT_THAT(again.line(), StartsWith("421 "));
  expect_service();
}

TEST_F(FtpServerHostile, DescriptorsRunOutAndComeBack) {
  start();
  expect_service();
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};
  RawClient waiting(server_->port());  // has its descriptors; the server may not get one for it
  waiting.line();
  ::setrlimit(RLIMIT_NOFILE, &none);
  EXPECT_THROW(RawClient(server_->port()), std::exception);
  ::setrlimit(RLIMIT_NOFILE, &before);
  expect_service();
}

TEST_F(FtpServerHostile, ResetsInMidTransfer) {
  folder_.put("large", peers::content(20'000'000));
  start();
  for (int i = 0; i < 20; ++i) {
    RawClient client(server_->port());
    client.log_in();
    RawClient data(client.epsv());
    EXPECT_THAT(client.say("RETR large"), StartsWith("150 "));
    i % 2 == 0 ? data.reset() : client.reset();
    if (i % 2 == 0) {
      EXPECT_THAT(client.line(), StartsWith("426 "));
    }
  }
  wait_for_sessions(0);
  expect_service();
}

TEST_F(FtpServerHostile, AbortsWithTelnetSynch) {
  folder_.put("large", peers::content(20'000'000));
  start();
  RawClient client(server_->port());
  client.log_in();
  RawClient data(client.epsv());
  EXPECT_THAT(client.say("RETR large"), StartsWith("150 "));
  client.send("\xFF\xF4\xFF");
  ASSERT_EQ(::send(client.descriptor(), "\xF2", 1, MSG_OOB), 1);
  EXPECT_THAT(client.say("ABOR"), StartsWith("426 "));
  EXPECT_THAT(client.line(), StartsWith("226 "));
  EXPECT_THAT(client.say("PWD"), StartsWith("257 "));
}

}  // namespace
}  // namespace ferry::server::ftp
