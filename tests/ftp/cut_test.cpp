// T27: the connection is lost at every byte of every message.
#include "tests/ftp/world.h"

namespace ferry::ftp {
namespace {

const std::string kManifest = content(200, 1);
const std::string kPayload = content(700, 2);

struct Plan {
  std::size_t piece = 0;
  bool all_connections = false;
  bool without_epsv = false;
  sim::FtpServer::Final final = sim::FtpServer::Final::kAfterData;
};

// A manifest of unknown size, a payload of known size, good-bye. Returns the bytes that passed.
std::uint64_t visit(const Plan& plan, std::uint64_t cut) {
  SCOPED_TRACE("cut at byte " + std::to_string(cut) + ", pieces of " + std::to_string(plan.piece));
  World world;
  world.network.set_conditions({.latency = 20ms, .window = 256, .largest_piece = plan.piece});
  world.network.cut_takes_all(plan.all_connections);
  world.server.files = {{"m", kManifest}, {"p", kPayload}};
  world.server.misbehave.final = plan.final;
  if (plan.without_epsv) {
    world.server.misbehave.replies["EPSV"] = "500 What?\r\n";
  }
  world.faults.cut_connection_at = cut;

  EXPECT_EQ(world.fetch("m", std::nullopt, 1024, 10min), DownloadState::kDone) << text_of(world.download.outcome());
  EXPECT_TRUE(world.sink.bytes == kManifest);
  world.sink.bytes.clear();
  EXPECT_EQ(world.fetch("p", kPayload.size(), 0, 10min), DownloadState::kDone) << text_of(world.download.outcome());
  EXPECT_TRUE(world.sink.bytes == kPayload);
  world.client.quit(world.clock.now());
  EXPECT_EQ(world.run(40s), ClientState::kIdle);
  EXPECT_EQ(world.network.open_connections(), 0U);
  return world.faults.wire_bytes;
}

void cut_everywhere(const Plan& plan) {
  const std::uint64_t whole = visit(plan, sim::FaultPlan::kNone);
  ASSERT_GT(whole, kManifest.size() + kPayload.size());
  for (std::uint64_t cut = 1; cut <= whole && !::testing::Test::HasFailure(); ++cut) {
    visit(plan, cut);
  }
}

TEST(FtpCut, T27_OneConnectionAtEveryByte) {
  cut_everywhere({});
}
TEST(FtpCut, T27_AllConnectionsAtEveryByte) {
  cut_everywhere({.all_connections = true});
}
TEST(FtpCut, T27_EveryByteInPieces) {
  cut_everywhere({.piece = 5});
}
TEST(FtpCut, T27_EveryByteWithPasv) {
  cut_everywhere({.without_epsv = true});
}
TEST(FtpCut, T27_EveryByteWithTheReplyFirst) {
  cut_everywhere({.final = sim::FtpServer::Final::kBeforeData});
}

TEST(FtpCut, T27_ResumedTransferAtEveryByte) {
  for (std::uint64_t cut = 1; cut < 900; ++cut) {
    World world;
    world.server.files["p"] = kPayload;
    world.sink.bytes = kPayload.substr(0, 350);
    world.faults.cut_connection_at = cut;
    ASSERT_EQ(world.fetch("p", kPayload.size()), DownloadState::kDone) << cut;
    ASSERT_TRUE(world.sink.bytes == kPayload) << cut;
  }
}

TEST(FtpCut, T27_AgainAndAgain) {
  for (std::uint64_t every : {700U, 1000U, 1501U}) {
    World world;
    const std::string file = content(30000, 3);
    world.server.files["p"] = file;
    world.download.start(kServer, "p", file.size(), 0, world.sink, world.clock.now());
    const auto cut_again = [&] {
      if (world.faults.cut_connection_at == sim::FaultPlan::kNone ||
          world.faults.wire_bytes >= world.faults.cut_connection_at) {
        world.faults.cut_connection_at = world.faults.wire_bytes + every;
      }
      return world.download.state() != DownloadState::kWorking;
    };
    sim::run_until(world.clock, world.network, world.download, cut_again, 24h);
    EXPECT_EQ(world.download.state(), DownloadState::kDone) << text_of(world.download.outcome());
    EXPECT_TRUE(world.sink.bytes == file);
    EXPECT_GT(world.server.count("REST"), file.size() / every);
  }
}

TEST(FtpCut, T27_UploadAtEveryByteIsWholeOrReported) {
  const std::string report = content(300, 4);
  for (std::uint64_t cut = 1; cut < 700; ++cut) {
    World world;
    world.faults.cut_connection_at = cut;
    if (world.connect() != ClientState::kReady) {
      EXPECT_EQ(world.client.state(), ClientState::kFailed);
      continue;
    }
    world.client.store("r", as_bytes(report), world.clock.now());
    world.run();
    if (world.client.outcome().has_value()) {
      ASSERT_TRUE(world.server.files["r"] == report) << cut;
    }
    EXPECT_NE(world.client.state(), ClientState::kWorking);
  }
}

// A link that goes silent at every byte instead of failing.
TEST(FtpCut, T27_SilenceAtEveryByte) {
  for (std::uint64_t silent_at = 1; silent_at < 1200; silent_at += 7) {
    World world;
    world.server.files["p"] = kPayload;
    world.network.set_conditions({.window = 64, .largest_piece = 7});
    bool silenced = false;
    world.download.start(kServer, "p", kPayload.size(), 0, world.sink, world.clock.now());
    const auto done = [&] {
      if (!silenced && world.faults.wire_bytes >= silent_at) {
        silenced = true;
        world.network.set_outage(true);
      }
      // Long enough for every time-out; then the link is back and what was under way arrives late.
      if (silenced && world.clock.now() > Instant{70s}) {
        world.network.set_outage(false);
      }
      return world.download.state() != DownloadState::kWorking;
    };
    sim::run_until(world.clock, world.network, world.download, done, 24h);
    ASSERT_EQ(world.download.state(), DownloadState::kDone) << silent_at;
    ASSERT_TRUE(world.sink.bytes == kPayload) << silent_at;
    EXPECT_TRUE(silenced || silent_at > 900) << silent_at;
  }
}

}  // namespace
}  // namespace ferry::ftp
