// The connections of a simulated module: between its buffers and the network lies the air.
#include <algorithm>

#include "sim/modem.h"

namespace ferry::sim {

namespace {

constexpr std::size_t kPiece = 1400;

}  // namespace

bool Modem::start_open(std::size_t number, const std::string& host, std::uint16_t port, unsigned mode) {
  Link& link = links_[number];
  link = Link{};
  link.used = link.opening = true;
  link.mode = mode;
  link.host = host;
  link.port = port;
  link.opened_at = now() + config_.connect;
  const auto opened = internet_.open(host, port);
  if (!opened) {
    link.opening = false;
    return false;
  }
  link.connection = *opened;
  return true;
}

void Modem::close_link(std::size_t number) {
  Link& link = links_[number];
  if (link.connection != Connection::kNone) {
    while (!link.air_up.empty()) {
      static_cast<void>(internet_.send(link.connection, as_bytes(link.air_up.front().bytes)));
      link.air_up.pop_front();
    }
    internet_.close(link.connection);
  }
  link = Link{};
}

void Modem::close_all_links() {
  for (std::size_t number = 0; number < kLinks; ++number) {
    close_link(number);
  }
}

std::size_t Modem::open_links() const {
  return static_cast<std::size_t>(
      std::count_if(links_.begin(), links_.end(), [](const Link& link) { return link.used; }));
}

std::size_t Modem::send_room(const Link& link) const {
  std::size_t used = 0;
  for (const Segment& segment : link.air_up) {
    used += segment.bytes.size();
  }
  return config_.send_buffer - std::min(config_.send_buffer, used);
}

void Modem::send_on(Link& link, const std::string& bytes) {
  link.sent += bytes.size();
  link.air_up.push_back({air_time(up_busy_, bytes.size()), bytes});
  active_ = true;
}

std::string Modem::take_received(Link& link, std::size_t size) {
  std::string bytes = link.received.substr(0, size);
  link.received.erase(0, bytes.size());
  link.read += bytes.size();
  faults_.count_payload(bytes.size());
  return bytes;
}

Instant Modem::air_time(Instant& busy_until, std::size_t bytes) const {
  Duration needed{0};
  if (config_.bytes_per_second != 0) {
    needed = Duration{static_cast<std::int64_t>(bytes) * 1000 / config_.bytes_per_second};
  }
  busy_until = std::max(busy_until, now()) + needed;
  return busy_until + config_.latency;
}

bool Modem::poll_links() {
  bool moved = false;
  for (std::size_t number = 0; number < kLinks; ++number) {
    moved = poll_link(number) || moved;
  }
  return moved;
}

bool Modem::poll_link(std::size_t number) {
  Link& link = links_[number];
  if (!link.used || link.connection == Connection::kNone) {
    return false;
  }
  action_time_ = now().time_since_epoch();
  if (link.opening) {
    const ConnectionState state = internet_.state(link.connection);
    if (state == ConnectionState::kConnecting || now() < link.opened_at) {
      return false;
    }
    link.opening = false;
    link.is_open = state == ConnectionState::kOpen;
    dialect_->on_opened(*this, number, link.is_open);
    return true;
  }
  bool moved = false;
  while (!link.air_up.empty() && link.air_up.front().due <= now()) {
    std::string& bytes = link.air_up.front().bytes;
    const auto sent = internet_.send(link.connection, as_bytes(bytes));
    if (!sent) {
      link.air_up.clear();
      break;
    }
    bytes.erase(0, *sent);
    moved = moved || *sent > 0;
    if (!bytes.empty()) {
      break;
    }
    link.air_up.pop_front();
  }
  return receive_from_air(link) || moved;
}

bool Modem::receive_from_air(Link& link) {
  const auto number = static_cast<std::size_t>(&link - links_.data());
  bool moved = false;
  std::size_t held = link.received.size();
  for (const Segment& segment : link.air_down) {
    held += segment.bytes.size();
  }
  while (!link.end_on_air && held < config_.receive_buffer) {
    std::array<std::uint8_t, kPiece> buffer;
    const auto size =
        internet_.receive(link.connection, ByteSpan(buffer).first(std::min(kPiece, config_.receive_buffer - held)));
    if (!size) {
      link.end_on_air = true;
      link.end_at = std::max(now() + config_.latency, link.air_down.empty() ? Instant{} : link.air_down.back().due);
      moved = true;
      break;
    }
    if (*size == 0) {
      break;
    }
    link.air_down.push_back({air_time(down_busy_, *size), std::string(as_text(ByteView(buffer).first(*size)))});
    held += *size;
    moved = true;
  }
  bool arrived = false;
  while (!link.air_down.empty() && link.air_down.front().due <= now()) {
    link.received += link.air_down.front().bytes;
    link.total += link.air_down.front().bytes.size();
    link.air_down.pop_front();
    arrived = true;
  }
  if (link.end_on_air && link.air_down.empty() && now() >= link.end_at && !link.peer_closed) {
    link.peer_closed = true;
    moved = true;
  }
  if (arrived && link.peer_closed && faults_.hits("close-with-data")) {
    link.close_told = true;  // the end is told before the data that came with it
    dialect_->on_closed(*this, number);
  }
  if (arrived) {
    dialect_->on_data(*this, number);
  }
  if (link.peer_closed && !link.close_told && link.used) {
    link.close_told = true;
    if (faults_.hits("discard")) {
      link.received.clear();
    }
    dialect_->on_closed(*this, number);
  }
  return moved || arrived;
}

}  // namespace ferry::sim
