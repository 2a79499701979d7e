// Visits to a server that behaves.
#include <tuple>

#include "tests/ftp/world.h"

namespace ferry::ftp {
namespace {

TEST(FtpVisit, FetchesAFileAndLeaves) {
  World world;
  world.server.files["p/manifest.suit"] = content(600);
  ASSERT_EQ(world.connect(), ClientState::kReady);
  EXPECT_TRUE(world.retrieve("p/manifest.suit").has_value());
  EXPECT_TRUE(world.sink.bytes == content(600));
  EXPECT_EQ(world.client.delivered(), 600U);
  world.client.quit(world.clock.now());
  EXPECT_EQ(world.run(), ClientState::kIdle);
  EXPECT_EQ(world.server.commands(), (std::vector<std::string>{"USER anonymous", "PASS ferry", "TYPE I", "EPSV",
                                                               "RETR p/manifest.suit", "QUIT"}));
  EXPECT_EQ(world.network.open_connections(), 0U);
}

// An upgrade visit that finds nothing new must cost at most 1,600 bytes, all FTP included; the replies here are as long
// as vsftpd's.
TEST(FtpVisit, NothingNewCostsFewBytes) {
  World world;
  world.server.misbehave.greeting = "220 (vsFTPd 3.0.3)\r\n";
  const std::string path = "firmware/meters.example/em-340/r3/manifest.suit";
  world.server.files[path] = content(600);
  world.connect();
  EXPECT_TRUE(world.retrieve(path, 0, std::nullopt, 2048).has_value());
  world.client.quit(world.clock.now());
  EXPECT_EQ(world.run(), ClientState::kIdle);
  EXPECT_EQ(world.client.bytes_over_the_air(), world.faults.wire_bytes);
  EXPECT_LE(world.client.bytes_over_the_air(), 1100U);
}

TEST(FtpVisit, SeveralFilesOnOneControlConnection) {
  World world;
  world.server.files["a"] = content(5000, 1);
  world.server.files["b"] = content(70000, 2);
  ASSERT_EQ(world.fetch("a"), DownloadState::kDone);
  EXPECT_TRUE(world.sink.bytes == content(5000, 1));
  world.sink.bytes.clear();
  ASSERT_EQ(world.fetch("b", 70000), DownloadState::kDone);
  EXPECT_TRUE(world.sink.bytes == content(70000, 2));
  EXPECT_EQ(world.server.count("USER"), 1U);
}

TEST(FtpVisit, AnyPiecesLatencyAndWindowGiveTheSameBytes) {
  for (std::size_t piece : {1U, 2U, 3U, 7U, 100U}) {
    World world;
    world.network.set_conditions({.latency = 200ms, .bytes_per_second = 2000, .window = 64, .largest_piece = piece});
    world.server.files["f"] = content(3000);
    ASSERT_EQ(world.fetch("f", 3000), DownloadState::kDone);
    EXPECT_TRUE(world.sink.bytes == content(3000));
  }
}

TEST(FtpVisit, TheSameSeedGivesTheSameRun) {
  const auto run = [](std::uint32_t seed) {
    World world;
    sim::Network network(world.clock, world.faults, {.latency = 30ms, .window = 90, .largest_piece = 20}, seed);
    world.server.attach(network);
    world.server.files["f"] = content(3000);
    Client client(network);
    Download download(client, {}, 1);
    download.start(kServer, "f", 3000, 0, world.sink, world.clock.now());
    world.faults.cut_connection_at = 1500;
    sim::run_until(
        world.clock, network, download, [&] { return download.state() != DownloadState::kWorking; }, 1h);
    EXPECT_TRUE(world.sink.bytes == content(3000));
    return std::tuple(world.clock.now(), world.faults.wire_bytes, world.server.commands(), world.sink.writes);
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

TEST(FtpVisit, StoresAndAppends) {
  World world;
  world.network.set_conditions({.latency = 10ms, .window = 100, .largest_piece = 30});
  ASSERT_EQ(world.connect(), ClientState::kReady);
  const std::string report = content(900);
  world.client.store("reports/r1", as_bytes(report), world.clock.now());
  EXPECT_EQ(world.run(), ClientState::kReady);
  EXPECT_TRUE(world.client.outcome().has_value());
  EXPECT_EQ(world.server.files["reports/r1"], report);
  world.client.append("reports/r1", as_bytes("more"), world.clock.now());
  EXPECT_EQ(world.run(), ClientState::kReady);
  EXPECT_TRUE(world.client.outcome().has_value());
  EXPECT_EQ(world.server.files["reports/r1"], report + "more");
}

TEST(FtpVisit, AsksForTheSize) {
  World world;
  world.server.misbehave.size_needs_binary = true;
  world.server.files["f"] = content(70001);
  ASSERT_EQ(world.connect(), ClientState::kReady);
  world.client.size("f", world.clock.now());
  EXPECT_EQ(world.run(), ClientState::kReady);
  EXPECT_EQ(world.client.file_size(), 70001U);
  world.client.size("missing", world.clock.now());
  world.run();
  EXPECT_EQ(world.client.outcome().error(), Error::kFtpFileUnavailable);
}

TEST(FtpVisit, EmptyFile) {
  World world;
  world.server.files["empty"] = "";
  EXPECT_EQ(world.fetch("empty"), DownloadState::kDone);
  EXPECT_TRUE(world.sink.bytes == "");
}

TEST(FtpVisit, RequestsInTheWrongStateSaySo) {
  World world;
  EXPECT_EQ(world.retrieve("f").error(), Error::kWrongState);
  ASSERT_EQ(world.connect(), ClientState::kReady);
  world.client.connect(kServer, world.clock.now());
  EXPECT_EQ(world.client.outcome().error(), Error::kWrongState);
  EXPECT_EQ(world.retrieve("f", 11, 10).error(), Error::kOutOfRange);
  EXPECT_EQ(world.client.state(), ClientState::kReady);
}

// A request is due at once; a caller that sleeps until poll_timeout() loses nothing by it.
TEST(FtpVisit, RequestsAreDueAtOnce) {
  World world;
  world.server.files["f"] = content(10);
  ASSERT_EQ(world.connect(), ClientState::kReady);
  world.client.poll(world.clock.now());
  EXPECT_GT(world.client.poll_timeout(), world.clock.now());
  world.client.retrieve("f", 0, 10, 0, world.sink, world.clock.now());
  EXPECT_LE(world.client.poll_timeout(), world.clock.now());
  ASSERT_EQ(world.run(), ClientState::kReady);
  world.client.size("f", world.clock.now());
  EXPECT_LE(world.client.poll_timeout(), world.clock.now());
  ASSERT_EQ(world.run(), ClientState::kReady);
  world.client.quit(world.clock.now());
  EXPECT_LE(world.client.poll_timeout(), world.clock.now());
}

TEST(FtpVisit, SizeOfTheClient) {
  EXPECT_LE(sizeof(Client), 700U);
  EXPECT_LE(sizeof(Dialogue), 560U);  // 488 on 32 bits
  RecordProperty("sizeof_client", static_cast<int>(sizeof(Client)));
}

}  // namespace
}  // namespace ferry::ftp
