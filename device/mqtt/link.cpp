#include "device/mqtt/link.h"

#include <algorithm>

namespace ferry::mqtt {
namespace {

constexpr Duration kConnectTime = 30s;
constexpr Duration kGoodbyeTime = 3s;
constexpr Duration kFirstPause = 2s;
constexpr Duration kLongestPause = 300s;
constexpr Duration kSettled = 15s;  // a login that lasts so long ends the back-off
constexpr int kReadsAtOnce = 16;    // so that a broker that never stops sending does not hold up poll()

}  // namespace

Link::Link(Network& network, const Endpoint& endpoint, const Uuid& device_id, std::uint32_t seed)
    : network_(network), endpoint_(endpoint), random_(seed | 1U) {
  constexpr std::string_view root = "ferry/";
  const UuidText id = to_text(device_id);
  std::copy(root.begin(), root.end(), prefix_.begin());
  std::copy_n(id.begin(), 36, prefix_.begin() + root.size());
  prefix_.back() = '/';
}

void Link::start(Instant now) {
  if (wanted_) {
    return;
  }
  wanted_ = true;
  failures_ = 0;
  retry_at_ = now;
  if (connection_ != Connection::kNone) {
    hang_up();  // the goodbye before is overtaken
  }
}

void Link::stop(Instant now) {
  if (!wanted_) {
    return;
  }
  wanted_ = false;
  client_.disconnect();
  if (client_.finished()) {
    return hang_up();
  }
  give_up_at_ = now + kGoodbyeTime;
  pump(now);
}

LinkState Link::state() const {
  if (wanted_ && client_.state() == State::kOnline) {
    return LinkState::kOnline;
  }
  return connection_ != Connection::kNone ? LinkState::kConnecting : LinkState::kOffline;
}

Status Link::publish(Channel channel, ByteView message, Instant now) {
  if (state() != LinkState::kOnline) {
    return fail(Error::kWrongState);
  }
  std::array<char, kMaxTopic> buffer{};
  FERRY_TRY(client_.publish(topic(name(channel), buffer), message, now));
  pump(now);
  return ok();
}

bool Link::all_acknowledged() const {
  return !client_.in_flight();
}

void Link::poll(Instant now) {
  if (connection_ == Connection::kNone) {
    if (wanted_ && now >= retry_at_) {
      open(now);
    }
    return;
  }
  pump(now);
}

void Link::open(Instant now) {
  const auto opened = network_.open(endpoint_.host, endpoint_.port);
  if (!opened) {
    return drop(opened.error(), now);
  }
  connection_ = *opened;
  connected_ = false;
  give_up_at_ = now + kConnectTime;
}

void Link::pump(Instant now) {
  if (connection_ == Connection::kNone) {
    return;
  }
  if (now >= give_up_at_) {
    return wanted_ ? drop(Error::kTimedOut, now) : hang_up();
  }
  const ConnectionState state = network_.state(connection_);
  if (state == ConnectionState::kFailed) {
    return drop(Error::kClosed, now);
  }
  if (state == ConnectionState::kConnecting) {
    return;
  }
  if (!connected_) {
    std::array<char, kMaxTopic> buffer{};
    const Session session{.client_id = device_id(),
                          .user = endpoint_.user,
                          .password = endpoint_.password,
                          .status_topic = topic("status", buffer)};
    if (const Status begun = client_.connect(session, now); !begun) {
      return drop(begun.error(), now);
    }
    connected_ = true;
  }
  client_.handle_timeout(now);
  if (!pump_out(now) || !pump_in(now) || !pump_out(now)) {
    return;
  }
  if (client_.state() == State::kFailed) {
    return drop(client_.error(), now);
  }
  if (client_.state() == State::kOnline && wanted_) {
    settle(now);
  }
  if (!wanted_ && client_.finished()) {
    hang_up();
  }
}

void Link::settle(Instant now) {
  give_up_at_ = kNever;
  if (settled_at_ == kNever) {
    settled_at_ = now + kSettled;
  }
  failures_ = now >= settled_at_ ? std::uint8_t{0} : failures_;
}

bool Link::pump_out(Instant now) {
  for (ByteView bytes = client_.poll_transmit(); !bytes.empty(); bytes = client_.poll_transmit()) {
    const auto sent = network_.send(connection_, bytes);
    if (!sent) {
      drop(sent.error(), now);
      return false;
    }
    if (*sent == 0) {
      break;
    }
    client_.transmitted(*sent, now);
  }
  return true;
}

bool Link::pump_in(Instant now) {
  std::array<std::uint8_t, 64> buffer{};
  for (int i = 0; i < kReadsAtOnce && client_.state() != State::kFailed; ++i) {
    const auto received = network_.receive(connection_, buffer);
    if (!received) {
      drop(received.error(), now);
      return false;
    }
    if (*received == 0) {
      break;
    }
    client_.receive(ByteView(buffer).first(*received), now);
  }
  return true;
}

// The connection is of no more use: wait, twice as long each time, and try again.
void Link::drop(Error error, Instant now) {
  last_error_ = wanted_ ? error : last_error_;
  client_.lost(error);
  hang_up();
  random_ = random_ * 1664525U + 1013904223U;
  const Duration pause = std::min(kFirstPause * (1 << std::min<int>(failures_, 10)), kLongestPause);
  retry_at_ = now + pause + Duration((random_ >> 16) % static_cast<std::uint32_t>(pause.count() / 2));
  failures_ = static_cast<std::uint8_t>(std::min(failures_ + 1, UINT8_MAX));
}

void Link::hang_up() {
  if (connection_ != Connection::kNone) {
    network_.close(connection_);
    connection_ = Connection::kNone;
  }
  connected_ = false;
  give_up_at_ = settled_at_ = kNever;
  client_.disconnect();
  client_.lost(Error::kClosed);
}

Instant Link::poll_timeout() const {
  if (connection_ == Connection::kNone) {
    return wanted_ ? retry_at_ : kNever;
  }
  return std::min(client_.poll_timeout(), give_up_at_);
}

std::string_view Link::topic(std::string_view leaf, std::span<char, kMaxTopic> buffer) const {
  const auto end = std::copy(prefix_.begin(), prefix_.end(), buffer.begin());
  std::copy(leaf.begin(), leaf.end(), end);
  return {buffer.data(), kPrefix + leaf.size()};
}

}  // namespace ferry::mqtt
