#include "sim/network.h"

namespace ferry::sim {

namespace {

constexpr std::size_t kSegmentSize = 512;
constexpr Duration kUnreachableAfter{3000};
constexpr std::int16_t kLastHandle = 30000;

std::size_t in_flight(const auto& segments) {
  std::size_t size = 0;
  for (const auto& segment : segments) {
    size += segment.bytes.size();
  }
  return size;
}

}  // namespace

void Peer::send(ByteView bytes) {
  if (!server_closed_ && stage_ == Stage::kOpen) {
    backlog_ += as_text(bytes);
    network_.load_down(*this);
  }
}

void Peer::close() {
  if (!server_closed_) {
    server_closed_ = true;
    network_.load_down(*this);
  }
}

void Peer::reset() {
  network_.fail(*this);
}

void Peer::mute() {
  muted_ = true;
}

std::size_t Peer::unread() const {
  return backlog_.size() + in_flight(down_) + arrived_.size();
}

Network::Network(Clock& clock, FaultPlan& faults, Conditions conditions, std::uint32_t seed)
    : clock_(clock), faults_(faults), conditions_(conditions), random_(seed) {}

Result<Connection> Network::open(std::string_view host, std::uint16_t port) {
  return start(std::string(host), port);
}

Result<Connection> Network::open_beside(Connection beside, std::uint16_t port) {
  const Peer* peer = find(beside);
  if (peer == nullptr || !peer->was_open_) {
    return ferry::fail(Error::kInvalidArgument);
  }
  return start(peer->host_, port);
}

Result<Connection> Network::start(std::string host, std::uint16_t port) {
  if (faults_.power_is_off) {
    return ferry::fail(Error::kIo);
  }
  if (handles_.size() >= conditions_.connections) {
    return ferry::fail(Error::kNoSpace);
  }
  opened_.emplace_back(host, port);
  auto& peer = peers_.emplace_back(new Peer(*this, next_id_++, std::move(host), port));
  const auto reach = reach_.contains(peer->host_) ? reach_[peer->host_] : Reach::kReachable;
  if (reach == Reach::kUnreachable) {
    peer->connected_at_ = clock_.world_now() + kUnreachableAfter;
  } else if (reach != Reach::kSilent) {
    peer->connected_at_ = clock_.world_now() + 2 * conditions_.latency;
  }
  const Connection handle{next_handle_};
  next_handle_ = static_cast<std::int16_t>(next_handle_ == kLastHandle ? 0 : next_handle_ + 1);
  handles_[handle] = peer.get();
  active_ = true;
  return handle;
}

ConnectionState Network::state(Connection connection) {
  const Peer* peer = find(connection);
  if (faults_.power_is_off || peer == nullptr || peer->stage_ == Peer::Stage::kFailed) {
    return ConnectionState::kFailed;
  }
  return peer->stage_ == Peer::Stage::kOpen ? ConnectionState::kOpen : ConnectionState::kConnecting;
}

Result<std::size_t> Network::send(Connection connection, ByteView bytes) {
  Peer* peer = find(connection);
  if (faults_.power_is_off || peer == nullptr || peer->stage_ == Peer::Stage::kFailed) {
    return ferry::fail(Error::kIo);
  }
  if (peer->stage_ == Peer::Stage::kConnecting) {
    return 0;
  }
  if (peer->end_arrived_ && peer->arrived_.empty()) {
    return ferry::fail(Error::kClosed);
  }
  const std::size_t used = in_flight(peer->up_);
  const std::size_t room = conditions_.window > used ? conditions_.window - used : 0;
  const ByteView taken = bytes.first(piece(std::min(room, bytes.size())));
  if (!taken.empty()) {
    peer->up_.push_back({travel(up_lane_, taken.size()), std::string(as_text(taken))});
    active_ = true;
  }
  return taken.size();
}

Result<std::size_t> Network::receive(Connection connection, ByteSpan buffer) {
  Peer* peer = find(connection);
  if (faults_.power_is_off || peer == nullptr || peer->stage_ == Peer::Stage::kFailed) {
    return ferry::fail(Error::kIo);
  }
  if (peer->arrived_.empty()) {
    return peer->end_arrived_ ? Result<std::size_t>(ferry::fail(Error::kClosed)) : Result<std::size_t>(0);
  }
  const std::size_t wanted = piece(std::min(peer->arrived_.size(), buffer.size()));
  if (wanted == 0) {
    return 0;
  }
  const ByteView bytes = as_bytes(peer->arrived_).first(wanted);
  std::copy(bytes.begin(), bytes.end(), buffer.begin());
  active_ = true;
  const std::size_t taken = count(*peer, wanted);
  if (taken == 0) {
    return ferry::fail(Error::kIo);
  }
  if (peer->stage_ == Peer::Stage::kOpen) {
    peer->arrived_.erase(0, taken);
    load_down(*peer);
  }
  return taken;
}

void Network::close(Connection connection) {
  Peer* peer = find(connection);
  if (peer == nullptr) {
    return;
  }
  handles_.erase(connection);
  peer->device_closed_ = true;
  active_ = true;
}

void Network::listen(std::string_view host, std::uint16_t port, Service& service) {
  listeners_[{std::string(host), port}] = &service;
}

void Network::stop_listening(std::string_view host, std::uint16_t port) {
  listeners_.erase({std::string(host), port});
}

bool Network::poll() {
  if (faults_.power_is_off) {
    drop_all();
  }
  if (!outage_) {
    // By index: a service may start to listen, and close peers, from within; peers are removed in sweep() alone.
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      connect(*peers_[i]);
      deliver_up(*peers_[i]);
      deliver_down(*peers_[i]);
    }
  }
  poll_services();
  sweep();
  return std::exchange(active_, false);
}

Instant Network::next_event() const {
  Instant next = kNever;
  for (const auto& listener : listeners_) {
    next = std::min(next, listener.second->next_event());
  }
  if (outage_) {
    return next;
  }
  for (const auto& peer : peers_) {
    if (peer->stage_ == Peer::Stage::kConnecting) {
      next = std::min(next, peer->connected_at_);
    }
    for (const auto* pipe : {&peer->up_, &peer->down_}) {
      if (!peer->muted_ && !pipe->empty()) {
        next = std::min(next, pipe->front().due);
      }
    }
  }
  return next;
}

void Network::reset_all() {
  for (auto& peer : peers_) {
    fail(*peer);
  }
}

void Network::drop_all() {
  while (!handles_.empty()) {
    fail(*handles_.begin()->second);
    close(handles_.begin()->first);
  }
}

Peer* Network::find(Connection connection) {
  const auto found = handles_.find(connection);
  return found == handles_.end() ? nullptr : found->second;
}

Service* Network::listener(const std::string& host, std::uint16_t port) const {
  const auto found = listeners_.find({host, port});
  return found == listeners_.end() ? nullptr : found->second;
}

Instant Network::travel(Lane& lane, std::size_t bytes) {
  const Microseconds now = clock_.world_now().time_since_epoch();
  Microseconds sent = now;
  if (conditions_.bytes_per_second != 0) {
    const Microseconds needed{static_cast<std::int64_t>(bytes) * 1000000 / conditions_.bytes_per_second};
    sent = lane.busy_until = std::max(lane.busy_until, now) + needed;
  }
  return Instant{std::chrono::ceil<Duration>(sent) + conditions_.latency};
}

std::size_t Network::piece(std::size_t size) {
  if (conditions_.largest_piece == 0 || size == 0) {
    return size;
  }
  return std::uniform_int_distribution<std::size_t>(1, std::min(size, conditions_.largest_piece))(random_);
}

// Counts `size` bytes of `peer` and returns how many of them arrive.
std::size_t Network::count(Peer& peer, std::size_t size) {
  const std::uint64_t before = faults_.wire_bytes;
  faults_.wire_bytes += size;
  if (faults_.cut_connection_at <= before || faults_.cut_connection_at > faults_.wire_bytes) {
    return size;
  }
  faults_.wire_bytes = faults_.cut_connection_at;
  if (cut_takes_all_) {
    reset_all();
  } else {
    fail(peer);
  }
  return static_cast<std::size_t>(faults_.cut_connection_at - 1 - before);
}

void Network::connect(Peer& peer) {
  if (peer.stage_ != Peer::Stage::kConnecting || clock_.world_now() < peer.connected_at_ || peer.device_closed_) {
    return;
  }
  Service* service = listener(peer.host_, peer.port_);
  const bool reachable = !reach_.contains(peer.host_) || reach_[peer.host_] == Reach::kReachable;
  if (service == nullptr || !reachable) {
    fail(peer);
    return;
  }
  active_ = true;
  peer.stage_ = Peer::Stage::kOpen;
  peer.was_open_ = true;
  peer.service_ = service;
  service->on_connect(peer, clock_.world_now());
}

void Network::deliver_up(Peer& peer) {
  while (!peer.muted_ && !peer.up_.empty() && peer.up_.front().due <= clock_.world_now()) {
    const std::string bytes = std::move(peer.up_.front().bytes);
    peer.up_.pop_front();
    const std::size_t arrived = count(peer, bytes.size());
    active_ = true;
    if (arrived > 0 && !peer.server_closed_) {
      peer.service_->on_bytes(peer, as_bytes(bytes).first(arrived), clock_.world_now());
    }
  }
}

void Network::deliver_down(Peer& peer) {
  while (!peer.muted_ && !peer.down_.empty() && peer.down_.front().due <= clock_.world_now()) {
    peer.arrived_ += peer.down_.front().bytes;
    peer.end_arrived_ = peer.end_arrived_ || peer.down_.front().last;
    peer.down_.pop_front();
    active_ = true;
  }
}

// Puts on the way what the device's window allows.
void Network::load_down(Peer& peer) {
  std::size_t used = in_flight(peer.down_) + peer.arrived_.size();
  std::size_t loaded = 0;
  while (loaded < peer.backlog_.size() && used < conditions_.window) {
    const std::size_t size = std::min({kSegmentSize, peer.backlog_.size() - loaded, conditions_.window - used});
    peer.down_.push_back({travel(down_lane_, size), peer.backlog_.substr(loaded, size)});
    loaded += size;
    used += size;
    active_ = true;
  }
  peer.backlog_.erase(0, loaded);
  if (peer.server_closed_ && peer.backlog_.empty() && !peer.end_sent_) {
    peer.end_sent_ = true;
    active_ = true;
    peer.down_.push_back({travel(down_lane_, 0), {}, true});
  }
}

void Network::fail(Peer& peer) {
  if (peer.stage_ == Peer::Stage::kFailed) {
    return;
  }
  peer.stage_ = Peer::Stage::kFailed;
  peer.up_.clear();
  peer.down_.clear();
  peer.backlog_.clear();
  peer.arrived_.clear();
  active_ = true;
}

// Tells the service that the connection ended, once nothing more can reach it.
void Network::finish(Peer& peer) {
  Service* service = std::exchange(peer.service_, nullptr);
  if (service != nullptr) {
    active_ = true;
    service->on_close(peer, peer.stage_ == Peer::Stage::kFailed ? Ending::kReset : Ending::kOrderly,
                      clock_.world_now());
  }
}

void Network::poll_services() {
  std::vector<Service*> services;
  for (const auto& listener : listeners_) {
    if (std::find(services.begin(), services.end(), listener.second) == services.end()) {
      services.push_back(listener.second);
    }
  }
  for (Service* service : services) {
    service->poll(clock_.world_now());
  }
}

void Network::sweep() {
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    Peer& peer = *peers_[i];
    const bool delivered = peer.up_.empty() && !peer.muted_;
    if (peer.stage_ == Peer::Stage::kFailed || (peer.device_closed_ && delivered)) {
      finish(peer);
    }
  }
  std::erase_if(peers_, [](const auto& peer) {
    return peer->device_closed_ && peer->service_ == nullptr && (peer->up_.empty());
  });
}

}  // namespace ferry::sim
