// A peer that says what a script says, whatever it is asked; and one client request against it, with what must hold
// whatever the peer does. For mutations in the test suite and for the fuzzer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "device/ftp/client.h"
#include "sim/network.h"

namespace ferry::ftp {

struct Transcript {
  std::vector<std::string> replies;  // one on connecting, one after each line
  std::string data;                  // on the data connection, then its end
  std::size_t piece = 0;             // bytes that arrive at once; 0 = any
};

class ScriptedPeer : public sim::Service {
 public:
  static constexpr std::uint16_t kControlPort = 21;
  static constexpr std::uint16_t kDataPort = 40000;

  explicit ScriptedPeer(const Transcript& transcript) : transcript_(transcript) {}
  void attach(sim::Network& network) {
    network.listen("ftp.example", kControlPort, *this);
    network.listen("ftp.example", kDataPort, *this);
  }

  void on_connect(sim::Peer& peer, Instant) override {
    if (peer.port() == kControlPort) {
      say_next(peer);
      return;
    }
    peer.send(transcript_.data);
    peer.close();
  }
  void on_bytes(sim::Peer& peer, ByteView bytes, Instant) override {
    for (const std::uint8_t byte : bytes) {
      if (byte == '\n' && peer.port() == kControlPort) {
        say_next(peer);
      }
    }
  }
  void on_close(sim::Peer&, sim::Ending, Instant) override {}

 private:
  void say_next(sim::Peer& peer) {
    if (next_ < transcript_.replies.size()) {
      peer.send(transcript_.replies[next_++]);
    } else {
      peer.close();
    }
  }

  const Transcript& transcript_;
  std::size_t next_ = 0;
};

struct Attacked {
  bool ended = false;    // in bounded time
  bool bounded = false;  // never a byte more than asked for, nor held open
  ClientState state = ClientState::kIdle;
  std::string delivered;
};

// Connects and retrieves a file of `expected` bytes from `offset`.
inline Attacked attack(const Transcript& transcript, std::uint32_t offset, std::uint32_t expected) {
  struct Collector final : Sink {
    Status write(ByteView data) override {
      bytes += as_text(data);
      return ok();
    }
    std::string bytes;
  };
  sim::Clock clock;
  sim::FaultPlan faults;
  sim::Network network(clock, faults, {.largest_piece = transcript.piece});
  ScriptedPeer peer(transcript);
  peer.attach(network);
  Client client(network);
  Collector collector;
  const auto run = [&] {
    return sim::run_until(
        clock, network, client, [&] { return client.state() != ClientState::kWorking; }, 1h);
  };
  Attacked result;
  client.connect({.host = "ftp.example", .port = 21, .user = "u", .password = "p"}, clock.now());
  result.ended = run();
  if (client.state() == ClientState::kReady) {
    client.retrieve("f", offset, expected, 0, collector, clock.now());
    result.ended = run() && result.ended;
  }
  result.state = client.state();
  client.quit(clock.now());
  result.ended = run() && result.ended;
  result.delivered = collector.bytes;
  result.bounded = collector.bytes.size() <= expected - offset && client.state() == ClientState::kIdle &&
                   network.open_connections() == 0 && faults.wire_bytes <= client.bytes_over_the_air();
  return result;
}

}  // namespace ferry::ftp
