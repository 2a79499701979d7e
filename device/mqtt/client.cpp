#include "device/mqtt/client.h"

#include <algorithm>

namespace ferry::mqtt {
namespace {

// Fixed header, first byte (MQTT 3.1.1, 2.2).
constexpr std::uint8_t kConnect = 0x10;
constexpr std::uint8_t kConnack = 0x20;
constexpr std::uint8_t kPublish = 0x30;
constexpr std::uint8_t kPuback = 0x40;
constexpr std::uint8_t kPingreq = 0xC0;
constexpr std::uint8_t kPingresp = 0xD0;
constexpr std::uint8_t kDisconnect = 0xE0;
constexpr std::uint8_t kDuplicate = 0x08;
constexpr std::uint8_t kQos1 = 0x02;
constexpr std::uint8_t kRetain = 0x01;

// CONNECT flags (3.1.2.3).
constexpr std::uint8_t kCleanSession = 0x02;
constexpr std::uint8_t kWillRetained = 0x04 | 0x08 | 0x20;  // will, QoS 1, retain
constexpr std::uint8_t kPassword = 0x40;
constexpr std::uint8_t kUser = 0x80;
constexpr std::uint8_t kProtocolLevel = 4;

constexpr std::string_view kOnlineText = "online";
constexpr std::string_view kOfflineText = "offline";
constexpr std::size_t kLargestFixedHeader = 4;  // enough for what is sent here: 16 383 bytes of body need three

// Writes a packet: the body behind room for the header, then the header right before it.
class PacketWriter {
 public:
  explicit PacketWriter(ByteSpan buffer) : buffer_(buffer), size_(kLargestFixedHeader) {}

  PacketWriter& byte(std::uint8_t value) { return raw({&value, 1}); }
  PacketWriter& number(std::uint16_t value) {
    return byte(static_cast<std::uint8_t>(value >> 8)).byte(static_cast<std::uint8_t>(value));
  }
  PacketWriter& text(std::string_view value) {
    return number(static_cast<std::uint16_t>(value.size())).raw(as_bytes(value));
  }
  PacketWriter& raw(ByteView bytes) {
    overflow_ = overflow_ || bytes.size() > buffer_.size() - size_;
    if (!overflow_) {
      size_ += copy(bytes, buffer_.subspan(size_));
    }
    return *this;
  }

  // Moves the packet to the start of the buffer and answers its size. Errors: kMqttTooLarge.
  Result<std::size_t> finish(std::uint8_t type) {
    if (overflow_) {
      return fail(Error::kMqttTooLarge);
    }
    std::size_t left = size_ - kLargestFixedHeader;
    std::array<std::uint8_t, kLargestFixedHeader> header{type};
    std::size_t header_size = 1;
    do {
      const auto digit = static_cast<std::uint8_t>(left % 128);
      left /= 128;
      header[header_size++] = static_cast<std::uint8_t>(digit | (left > 0 ? 0x80U : 0U));
    } while (left > 0);
    copy(buffer_.subspan(kLargestFixedHeader, size_ - kLargestFixedHeader), buffer_.subspan(header_size));
    copy(ByteView(header).first(header_size), buffer_);
    return size_ - kLargestFixedHeader + header_size;
  }

 private:
  ByteSpan buffer_;
  std::size_t size_;
  bool overflow_ = false;
};

}  // namespace

Status Client::connect(const Session& session, Instant now) {
  state_ = State::kIdle;
  part_ = Part::kType;
  control_size_ = control_sent_ = 0;
  puback_due_ = pingresp_due_ = ping_at_ = kNever;
  leaving_ = false;
  if (session.status_topic.size() > kMaxTopic) {
    return fail(Error::kMqttTooLarge);
  }
  status_topic_size_ = session.status_topic.copy(status_topic_.data(), kMaxTopic);
  FERRY_TRY(encode_connect(session));
  state_ = State::kConnecting;
  error_ = Error{};
  connack_due_ = now + timing_.answer;
  send_again();
  return ok();
}

Status Client::encode_connect(const Session& session) {
  std::uint8_t flags = kCleanSession | kWillRetained;
  flags = static_cast<std::uint8_t>(flags | (session.user.empty() ? 0U : kUser) |
                                    (session.password.empty() || session.user.empty() ? 0U : kPassword));
  const auto keep_alive = std::chrono::duration_cast<std::chrono::seconds>(timing_.keep_alive).count();
  PacketWriter packet(control_);
  packet.text("MQTT").byte(kProtocolLevel).byte(flags).number(static_cast<std::uint16_t>(keep_alive));
  packet.text(session.client_id).text(session.status_topic).text(kOfflineText);
  if ((flags & kUser) != 0) {
    packet.text(session.user);
  }
  if ((flags & kPassword) != 0) {
    packet.text(session.password);
  }
  FERRY_TRY_ASSIGN(control_size_, packet.finish(kConnect));
  return ok();
}

Status Client::encode_online(std::string_view topic) {
  PacketWriter packet(control_);
  packet.text(topic).raw(as_bytes(kOnlineText));
  FERRY_TRY_ASSIGN(control_size_, packet.finish(kPublish | kRetain));
  control_sent_ = 0;
  return ok();
}

Status Client::publish(std::string_view topic, ByteView message, Instant now) {
  if (state_ != State::kOnline || leaving_) {
    return fail(Error::kWrongState);
  }
  if (in_flight()) {
    return fail(Error::kBusy);
  }
  if (topic.size() > kMaxTopic || message.size() > kMaxMessage) {
    return fail(Error::kMqttTooLarge);
  }
  packet_id_ = static_cast<std::uint16_t>(packet_id_ == UINT16_MAX ? 1 : packet_id_ + 1);
  PacketWriter packet(message_);
  packet.text(topic).number(packet_id_).raw(message);
  FERRY_TRY_ASSIGN(message_size_, packet.finish(kPublish | kQos1));
  message_sent_ = 0;
  puback_due_ = now + timing_.answer;
  return ok();
}

// A message that was on its way over the connection before goes out once more (4.4).
void Client::send_again() {
  message_[0] = static_cast<std::uint8_t>(message_[0] | (message_sent_ > 0 ? kDuplicate : 0U));
  message_sent_ = 0;
}

void Client::disconnect() {
  if (state_ != State::kOnline) {
    state_ = State::kIdle;
    return;
  }
  leaving_ = true;
  constexpr std::array<std::uint8_t, 2> packet = {kDisconnect, 0};
  queue_control(packet);
}

void Client::lost(Error error) {
  if (leaving_) {
    state_ = State::kIdle;
  } else {
    fail_with(error);
  }
}

void Client::fail_with(Error error) {
  state_ = State::kFailed;
  error_ = error;
}

// Behind what is still being sent, where that has begun; pings that find no room wait for the next time.
void Client::queue_control(ByteView packet) {
  if (control_sent_ == control_size_) {
    control_size_ = control_sent_ = 0;
  }
  if (packet.size() <= control_.size() - control_size_) {
    control_size_ += copy(packet, ByteSpan(control_).subspan(control_size_));
  }
}

ByteView Client::poll_transmit() const {
  if (state_ != State::kConnecting && state_ != State::kOnline) {
    return {};
  }
  const ByteView control = ByteView(control_).first(control_size_).subspan(control_sent_);
  const ByteView message = ByteView(message_).first(message_size_).subspan(message_sent_);
  const bool message_begun = message_sent_ > 0 && !message.empty();
  if (state_ == State::kOnline && (message_begun || (control.empty() && !leaving_))) {
    return message;
  }
  return control;
}

void Client::transmitted(std::size_t bytes, Instant now) {
  const ByteView sent = poll_transmit();
  if (sent.empty()) {
    return;
  }
  const bool is_message = sent.data() == message_.data() + message_sent_;
  (is_message ? message_sent_ : control_sent_) += std::min(bytes, sent.size());
  ping_at_ = now + timing_.keep_alive * 3 / 4;
  if (leaving_ && control_sent_ == control_size_) {
    state_ = State::kIdle;
  }
}

void Client::receive(ByteView bytes, Instant now) {
  for (const std::uint8_t byte : bytes) {
    if (state_ != State::kConnecting && state_ != State::kOnline) {
      return;
    }
    switch (part_) {
      case Part::kType:
        type_ = byte;
        length_ = 0;
        length_bytes_ = 0;
        body_size_ = 0;
        part_ = Part::kLength;
        break;
      case Part::kLength:
        if (take_length(byte)) {
          take_packet(now);
        }
        break;
      case Part::kBody:
        body_[body_size_++] = byte;
        if (body_size_ == length_) {
          take_packet(now);
        }
        break;
    }
  }
}

// True when the packet is complete already. What a broker sends to a client that subscribes to nothing is short.
bool Client::take_length(std::uint8_t byte) {
  length_ |= static_cast<std::uint32_t>(byte & 0x7FU) << (7 * length_bytes_);
  ++length_bytes_;
  if ((byte & 0x80U) != 0 && length_bytes_ < 4) {
    return false;
  }
  if ((byte & 0x80U) != 0 || length_ > body_.size()) {
    fail_with(Error::kMqttMalformed);
    return false;
  }
  part_ = Part::kBody;
  return length_ == 0;
}

void Client::take_packet(Instant now) {
  part_ = Part::kType;
  const bool online = state_ == State::kOnline;
  if (type_ == kConnack && length_ == 2 && !online) {
    return take_connack(now);
  }
  if (type_ == kPuback && length_ == 2 && online) {
    return take_puback();
  }
  if (type_ == kPingresp && length_ == 0 && online) {
    pingresp_due_ = kNever;
    return;
  }
  fail_with(Error::kMqttMalformed);
}

void Client::take_connack(Instant now) {
  if (body_[1] != 0) {
    return fail_with(Error::kMqttRefused);
  }
  if (control_sent_ != control_size_ || (body_[0] & 0xFEU) != 0) {
    return fail_with(Error::kMqttMalformed);  // an answer before the question was out
  }
  connack_due_ = kNever;
  state_ = State::kOnline;
  puback_due_ = in_flight() ? now + timing_.answer : kNever;
  if (!encode_online({status_topic_.data(), status_topic_size_})) {
    fail_with(Error::kMqttTooLarge);
  }
}

// An acknowledgement of another packet is one of an earlier connection: no harm, no use.
void Client::take_puback() {
  const auto id = static_cast<std::uint16_t>((body_[0] << 8) | body_[1]);
  if (id != packet_id_ || !in_flight() || message_sent_ != message_size_) {
    return;
  }
  message_size_ = message_sent_ = 0;
  puback_due_ = kNever;
}

void Client::handle_timeout(Instant now) {
  if (state_ != State::kConnecting && state_ != State::kOnline) {
    return;
  }
  if (now >= connack_due_ || now >= puback_due_ || now >= pingresp_due_) {
    return fail_with(Error::kTimedOut);
  }
  if (state_ == State::kOnline && now >= ping_at_ && !leaving_) {
    constexpr std::array<std::uint8_t, 2> packet = {kPingreq, 0};
    queue_control(packet);
    ping_at_ = now + timing_.keep_alive * 3 / 4;
    pingresp_due_ = std::min(pingresp_due_, now + timing_.answer);
  }
}

Instant Client::poll_timeout() const {
  if (state_ != State::kConnecting && state_ != State::kOnline) {
    return kNever;
  }
  return std::min({connack_due_, puback_due_, pingresp_due_, state_ == State::kOnline ? ping_at_ : kNever});
}

}  // namespace ferry::mqtt
