#include "sim/network.h"

#include <array>
#include <gtest/gtest.h>

namespace ferry::sim {
namespace {

// Sends back what it gets; says what happened to it.
class Echo : public Service {
 public:
  void on_connect(Peer& peer, Instant) override {
    ++connected;
    last = &peer;
  }
  void on_bytes(Peer& peer, ByteView bytes, Instant) override {
    received += as_text(bytes);
    peer.send(bytes);
  }
  void on_close(Peer&, Ending ending, Instant) override {
    ++closed;
    last_ending = ending;
    last = nullptr;
  }

  Peer* last = nullptr;
  int connected = 0;
  int closed = 0;
  Ending last_ending = Ending::kOrderly;
  std::string received;
};

// A device that sends a text and reads what comes.
class Talker {
 public:
  explicit Talker(Network& network) : network_(network) {}
  void connect() {
    connection = network_.open("echo.example", 7).value();
    received.clear();
    error.reset();
  }
  void poll(Instant) {
    if (network_.state(connection) == ConnectionState::kOpen && !to_send.empty()) {
      to_send.erase(0, network_.send(connection, as_bytes(to_send)).value_or(0));
    }
    std::array<std::uint8_t, 64> buffer{};
    auto got = network_.receive(connection, buffer);
    for (; got.has_value() && *got > 0; got = network_.receive(connection, buffer)) {
      received += as_text(ByteView(buffer).first(*got));
    }
    error = got.has_value() ? std::nullopt : std::optional(got.error());
  }
  [[nodiscard]] Instant poll_timeout() const { return kNever; }

  Connection connection = Connection::kNone;
  std::string to_send;
  std::string received;
  std::optional<Error> error;

 private:
  Network& network_;
};

class SimNetwork : public ::testing::Test {
 protected:
  void SetUp() override { network.listen("echo.example", 7, echo); }
  bool run(auto done, Duration limit = 10s) { return run_until(clock, network, talker, done, limit); }

  Clock clock;
  FaultPlan faults;
  Network network{clock, faults};
  Echo echo;
  Talker talker{network};
};

TEST_F(SimNetwork, CarriesBytesBothWaysInOrderWhateverThePieces) {
  const std::string text(5000, 'x');
  for (std::size_t piece : {0U, 1U, 7U}) {
    network.set_conditions({.latency = 3ms, .bytes_per_second = 100000, .window = 100, .largest_piece = piece});
    talker.connect();
    talker.to_send = text + "end";
    ASSERT_TRUE(run([&] { return talker.received.size() == text.size() + 3; }));
    EXPECT_EQ(talker.received, text + "end");
    network.close(talker.connection);
  }
  EXPECT_EQ(faults.wire_bytes, 3 * 2 * (text.size() + 3));
}

TEST_F(SimNetwork, TakesTheTimeOfLatencyAndBandwidth) {
  network.set_conditions({.latency = 50ms, .bytes_per_second = 1000, .window = 4096});
  talker.connect();
  talker.to_send = std::string(1000, 'x');
  ASSERT_TRUE(run([&] { return talker.received.size() == 1000; }));
  EXPECT_GE(clock.now(), Instant{1600ms});  // connect 100 ms, up 1 s + 50 ms, down overlaps in pieces
  EXPECT_LE(clock.now(), Instant{2300ms});
}

TEST_F(SimNetwork, NothingHappensBeforePoll) {
  talker.connect();
  EXPECT_EQ(network.state(talker.connection), ConnectionState::kConnecting);
  EXPECT_EQ(network.send(talker.connection, as_bytes("x")).value(), 0U);
  network.poll();
  EXPECT_EQ(network.state(talker.connection), ConnectionState::kOpen);
}

TEST_F(SimNetwork, OrderlyEndComesAfterTheUnreadBytes) {
  talker.connect();
  network.poll();
  echo.last->send("farewell");
  echo.last->close();
  network.poll();
  EXPECT_EQ(network.state(talker.connection), ConnectionState::kOpen);
  ASSERT_TRUE(run([&] { return talker.error.has_value(); }));
  EXPECT_EQ(talker.received, "farewell");
  EXPECT_EQ(talker.error, Error::kClosed);
  EXPECT_EQ(echo.closed, 0);
  network.close(talker.connection);
  network.poll();
  EXPECT_EQ(echo.closed, 1);
}

TEST_F(SimNetwork, DeviceCloseDeliversWhatWasSent) {
  network.set_conditions({.latency = 20ms});
  talker.connect();
  talker.to_send = "bye";
  ASSERT_TRUE(run([&] { return talker.to_send.empty(); }));
  network.close(talker.connection);
  run([&] { return echo.closed == 1; });
  EXPECT_EQ(echo.received, "bye");
  EXPECT_EQ(echo.last_ending, Ending::kOrderly);
  EXPECT_EQ(network.state(talker.connection), ConnectionState::kFailed);
}

TEST_F(SimNetwork, CutLosesExactlyThatByteAndResets) {
  for (std::uint64_t cut = 1; cut <= 10; ++cut) {
    faults = FaultPlan{};
    faults.cut_connection_at = cut;
    echo.received.clear();
    talker.connect();
    talker.to_send = "hello";
    ASSERT_TRUE(run([&] { return talker.error.has_value(); }));
    network.poll();
    EXPECT_EQ(echo.received.size(), std::min<std::size_t>(cut - 1, 5));
    EXPECT_EQ(talker.received.size(), cut <= 5 ? 0 : cut - 6);
    EXPECT_EQ(network.state(talker.connection), ConnectionState::kFailed);
    EXPECT_EQ(echo.last_ending, Ending::kReset);
    network.close(talker.connection);
  }
  EXPECT_EQ(echo.closed, 10);
}

TEST_F(SimNetwork, RefusedUnreachableAndSilentHosts) {
  const auto connect_to = [&](std::string_view host) {
    talker.connection = network.open(host, 7).value();
    const Instant start = clock.now();
    const bool failed = run([&] { return network.state(talker.connection) == ConnectionState::kFailed; }, 60s);
    network.close(talker.connection);
    return failed ? clock.now() - start : Duration::max();
  };
  network.set_reach("echo.example", Reach::kRefused);
  EXPECT_LT(connect_to("echo.example"), 10ms);
  network.set_reach("echo.example", Reach::kUnreachable);
  EXPECT_GE(connect_to("echo.example"), 3s);
  network.set_reach("echo.example", Reach::kSilent);
  EXPECT_EQ(connect_to("echo.example"), Duration::max());
  EXPECT_LT(connect_to("nowhere.example"), 10ms);
  EXPECT_EQ(echo.connected, 0);
}

TEST_F(SimNetwork, MutedConnectionTellsNobody) {
  talker.connect();
  network.poll();
  echo.last->mute();
  talker.to_send = std::string(5000, 'x');
  EXPECT_FALSE(run([&] { return talker.error.has_value() || !talker.received.empty(); }, 600s));
  EXPECT_EQ(network.state(talker.connection), ConnectionState::kOpen);
  EXPECT_EQ(talker.to_send.size(), 5000 - Conditions{}.window);
  EXPECT_EQ(echo.received, "");
}

TEST_F(SimNetwork, OutageDelaysAndLosesNothing) {
  talker.connect();
  network.poll();
  network.set_outage(true);
  talker.to_send = "hello";
  EXPECT_FALSE(run([&] { return !talker.received.empty(); }, 100s));
  network.set_outage(false);
  EXPECT_TRUE(run([&] { return talker.received == "hello"; }));
}

TEST_F(SimNetwork, PowerOffFailsEverythingAndTheServerSeesAReset) {
  talker.connect();
  network.poll();
  faults.power_is_off = true;
  EXPECT_EQ(network.open("echo.example", 7).error(), Error::kIo);
  EXPECT_EQ(network.send(talker.connection, as_bytes("x")).error(), Error::kIo);
  EXPECT_EQ(network.state(talker.connection), ConnectionState::kFailed);
  network.poll();
  EXPECT_EQ(echo.last_ending, Ending::kReset);
  faults.power_on();
  EXPECT_EQ(network.state(talker.connection), ConnectionState::kFailed);
  EXPECT_EQ(network.open_connections(), 0U);
}

TEST_F(SimNetwork, FewConnectionsAndBesideMeansTheSameHost) {
  talker.connect();
  EXPECT_EQ(network.open_beside(talker.connection, 8).error(), Error::kInvalidArgument);
  network.poll();
  network.listen("echo.example", 8, echo);
  const auto beside = network.open_beside(talker.connection, 8);
  ASSERT_TRUE(beside.has_value());
  network.poll();
  EXPECT_EQ(echo.last->port(), 8);
  EXPECT_EQ(echo.last->host(), "echo.example");
  EXPECT_EQ(network.open("echo.example", 7).error(), Error::kNoSpace);
  network.close(*beside);
  EXPECT_TRUE(network.open("echo.example", 7).has_value());
}

TEST(SimClock, WallTimeRunsJumpsAndIsForgotten) {
  Clock clock;
  EXPECT_FALSE(clock.wall_time().has_value());
  clock.advance(5s);
  clock.set_wall_time(WallTime{1000s});
  clock.advance(2500ms);
  EXPECT_EQ(clock.wall_time(), WallTime{1002s});
  clock.jump_wall_time(-500s);
  EXPECT_EQ(clock.wall_time(), WallTime{502s});
  clock.restart();
  EXPECT_EQ(clock.now(), Instant{});
  EXPECT_EQ(clock.wall_time(), WallTime{502s});
  EXPECT_EQ(clock.to_world(Instant{1s}), clock.world_now() + 1s);
  clock.unset_wall_time();
  EXPECT_FALSE(clock.wall_time().has_value());
}

}  // namespace
}  // namespace ferry::sim
