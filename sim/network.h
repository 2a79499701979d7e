// An in-memory network on virtual time: the device's Network port on one side, simulated servers on the other.
//
// Stricter than hardware: few connections, no handle is reused soon, nothing arrives before poll(), small windows, and
// bytes come in pieces as small as wished. Every byte that reaches either application counts in FaultPlan::wire_bytes;
// byte number FaultPlan::cut_connection_at is lost and resets its connection. While FaultPlan::power_is_off the
// device's calls fail with kIo.
//
//   sim::Clock clock;  sim::FaultPlan faults;  sim::Network network(clock, faults);
//   network.listen("ftp.example", 21, server);
//   sim::run_until(clock, network, client, [&] { return client.state() == ...; }, 60s);
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "device/base/network.h"
#include "device/base/time.h"
#include "sim/clock.h"
#include "sim/fault_plan.h"

namespace ferry::sim {

class Network;
class Peer;

enum class Ending : std::uint8_t {
  kOrderly,  // the device closed; every byte that it sent before has been delivered
  kReset,    // cut, reset, or the device lost its power
};

// A simulated server. One service may listen on several ports and in several networks. `now` is the world's time.
class Service {
 public:
  virtual ~Service() = default;
  virtual void on_connect(Peer& peer, Instant now) = 0;
  virtual void on_bytes(Peer& peer, ByteView bytes, Instant now) = 0;
  // Once for each connection, whoever ended it. `peer` is gone afterwards.
  virtual void on_close(Peer& peer, Ending ending, Instant now) = 0;
  virtual void poll(Instant) {}
  [[nodiscard]] virtual Instant next_event() const { return kNever; }  // when poll() is due
};

// A server's end of one connection. Lives until Service::on_close() returns.
class Peer {
 public:
  void send(ByteView bytes);  // takes everything; the device's window decides when it travels
  void send(std::string_view text) { send(as_bytes(text)); }
  void close();  // orderly: what was sent is still delivered. Further bytes from the device are dropped.
  void reset();  // at once; bytes that the device has not read are lost
  void mute();   // from now on nothing passes in either direction, and nobody is told
  [[nodiscard]] std::uint32_t id() const { return id_; }  // unique in its network
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }  // the server's port
  [[nodiscard]] std::size_t unread() const;                   // bytes sent that the device has not received
  [[nodiscard]] Network& network() const { return network_; }

 private:
  friend class Network;
  struct Segment {
    Instant due;
    std::string bytes;
    bool last = false;  // the orderly end, not bytes
  };
  enum class Stage : std::uint8_t { kConnecting, kOpen, kFailed };

  Peer(Network& network, std::uint32_t id, std::string host, std::uint16_t port)
      : network_(network), id_(id), host_(std::move(host)), port_(port) {}

  Network& network_;
  std::uint32_t id_;
  std::string host_;
  std::uint16_t port_;
  Stage stage_ = Stage::kConnecting;
  Instant connected_at_ = kNever;
  Service* service_ = nullptr;  // set once the service knows of the connection
  bool was_open_ = false;
  bool server_closed_ = false;
  bool end_sent_ = false;
  bool end_arrived_ = false;
  bool device_closed_ = false;
  bool muted_ = false;
  std::deque<Segment> up_;
  std::string backlog_;
  std::deque<Segment> down_;
  std::string arrived_;
};

struct Conditions {
  Duration latency{0};                 // one way
  std::uint32_t bytes_per_second = 0;  // each way, shared by all connections; 0 = no limit
  std::size_t window = 2048;           // bytes in flight and unread, each way of each connection
  std::size_t largest_piece = 0;       // bytes a send or receive moves at most, drawn from 1..this; 0 = no limit
  std::size_t connections = 2;         // open at once
};

enum class Reach : std::uint8_t {
  kReachable,
  kRefused,      // every connect is refused
  kUnreachable,  // every connect fails after three seconds
  kSilent,       // a connect never ends
};

class Network final : public ferry::Network {
 public:
  Network(Clock& clock, FaultPlan& faults, Conditions conditions = {}, std::uint32_t seed = 1);

  // The device's side; see device/base/network.h.
  [[nodiscard]] Result<Connection> open(std::string_view host, std::uint16_t port) override;
  [[nodiscard]] Result<Connection> open_beside(Connection beside, std::uint16_t port) override;
  [[nodiscard]] ConnectionState state(Connection connection) override;
  [[nodiscard]] Result<std::size_t> send(Connection connection, ByteView bytes) override;
  [[nodiscard]] Result<std::size_t> receive(Connection connection, ByteSpan buffer) override;
  void close(Connection connection) override;

  // The servers' side. `service` must outlive the network or stop listening.
  void listen(std::string_view host, std::uint16_t port, Service& service);
  void stop_listening(std::string_view host, std::uint16_t port);

  // Moves what is due and polls the services. True when anything happened since the last call, on either side.
  bool poll();
  // The world's time at which poll() has something to do next.
  [[nodiscard]] Instant next_event() const;

  // Faults.
  void set_conditions(Conditions conditions) { conditions_ = conditions; }
  void set_reach(std::string_view host, Reach reach) { reach_[std::string(host)] = reach; }
  void set_outage(bool outage) { outage_ = outage; }      // nothing travels until it ends; nothing is lost
  void reset_all();                                       // the carrier dropped: every connection fails
  void drop_all();                                        // the device was reset: its handles are gone
  void cut_takes_all(bool all) { cut_takes_all_ = all; }  // FaultPlan::cut_connection_at resets every connection

  // What the device did.
  [[nodiscard]] std::size_t open_connections() const { return handles_.size(); }
  [[nodiscard]] const std::vector<std::pair<std::string, std::uint16_t>>& opened() const { return opened_; }

 private:
  friend class Peer;

  [[nodiscard]] Peer* find(Connection connection);
  [[nodiscard]] Result<Connection> start(std::string host, std::uint16_t port);
  [[nodiscard]] std::size_t piece(std::size_t size);
  [[nodiscard]] std::size_t count(Peer& peer, std::size_t size);
  void connect(Peer& peer);
  void deliver_up(Peer& peer);
  void deliver_down(Peer& peer);
  void load_down(Peer& peer);
  void fail(Peer& peer);
  void finish(Peer& peer);
  void poll_services();
  void sweep();
  [[nodiscard]] Service* listener(const std::string& host, std::uint16_t port) const;

  using Microseconds = std::chrono::duration<std::int64_t, std::micro>;
  struct Lane {  // one direction of the link
    Microseconds busy_until{0};
  };
  [[nodiscard]] Instant travel(Lane& lane, std::size_t bytes);

  Clock& clock_;
  FaultPlan& faults_;
  Conditions conditions_;
  std::mt19937 random_;
  std::map<std::pair<std::string, std::uint16_t>, Service*> listeners_;
  std::map<std::string, Reach> reach_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::map<Connection, Peer*> handles_;
  std::vector<std::pair<std::string, std::uint16_t>> opened_;
  Lane up_lane_;
  Lane down_lane_;
  std::uint32_t next_id_ = 1;
  std::int16_t next_handle_ = 0;
  bool outage_ = false;
  bool cut_takes_all_ = false;
  bool active_ = false;
};

// Polls the device and the network in turn and moves time to whatever comes next, until `done()` or until `limit` has
// passed. Device has poll(Instant) and poll_timeout(). Returns done().
template <typename Device, typename Done>
bool run_until(Clock& clock, Network& network, Device& device, Done done, Duration limit) {
  const Instant end = clock.world_now() + limit;
  while (!done()) {
    device.poll(clock.now());
    if (done()) {
      return true;
    }
    if (network.poll()) {
      continue;
    }
    if (clock.world_now() >= end) {
      return false;
    }
    const Instant next = std::min({network.next_event(), clock.to_world(device.poll_timeout()), end});
    clock.advance_to(std::max(next, clock.world_now() + Duration{1}));
  }
  return true;
}

}  // namespace ferry::sim
