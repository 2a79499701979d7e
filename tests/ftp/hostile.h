// A server that misbehaves, and what must hold all the same.
#pragma once

#include <string>
#include <utility>

#include "tests/ftp/world.h"

namespace ferry::ftp {

using sim::FtpServer;

inline constexpr std::uint32_t kSize = 20000;

class FtpHostile : public ::testing::Test, protected World {
 protected:
  FtpHostile() { server.files["f"] = file; }

  void expect_whole(std::optional<std::uint32_t> expected = kSize) {
    EXPECT_EQ(fetch("f", expected), DownloadState::kDone) << text_of(download.outcome());
    EXPECT_TRUE(sink.bytes == file);
    EXPECT_LE(network.open_connections(), 1U);
  }
  void expect_failure(Error error, std::optional<std::uint32_t> expected = kSize) {
    ASSERT_EQ(fetch("f", expected), DownloadState::kFailed);
    EXPECT_EQ(name(download.outcome().error()), name(error));
    EXPECT_TRUE(sink.bytes == file.substr(0, sink.bytes.size()));
  }
  // After every attack the next honest download succeeds.
  void expect_recovery() {
    server.misbehave = {};
    sink.bytes.clear();
    expect_whole();
  }
  Error login_error(std::string_view verb, std::string reply) {
    client.close();
    server.misbehave.replies = {{std::string(verb), std::move(reply)}};
    connect();
    EXPECT_NE(client.state(), ClientState::kReady);
    return client.outcome() ? Error{} : client.outcome().error();
  }

  const std::string file = content(kSize);
};

}  // namespace ferry::ftp
