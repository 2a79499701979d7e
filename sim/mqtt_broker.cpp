#include "sim/mqtt_broker.h"

namespace ferry::sim {
namespace {

constexpr std::uint8_t kConnect = 0x10;
constexpr std::uint8_t kPublish = 0x30;
constexpr std::uint8_t kPingreq = 0xC0;
constexpr std::uint8_t kDisconnect = 0xE0;
constexpr std::uint8_t kWillFlag = 0x04;
constexpr std::uint8_t kPasswordFlag = 0x40;
constexpr std::uint8_t kUserFlag = 0x80;

// Reads the fields of a packet's body, strictly: at() throws past the end, which a test would notice.
class Fields {
 public:
  explicit Fields(const std::string& body) : body_(body) {}
  std::uint8_t byte() { return static_cast<std::uint8_t>(body_.at(at_++)); }
  std::uint16_t number() {
    const auto high = byte();
    return static_cast<std::uint16_t>((high << 8) | byte());
  }
  std::string text() {
    const std::size_t size = number();
    std::string value = body_.substr(at_, size);
    at_ += size;
    return value;
  }
  std::string rest() { return body_.substr(at_); }

 private:
  const std::string& body_;
  std::size_t at_ = 0;
};

std::string packet(std::uint8_t type, std::string body) {
  return std::string{static_cast<char>(type), static_cast<char>(body.size())} + body;
}

}  // namespace

std::vector<std::string> MqttBroker::payloads(std::string_view topic_ending) const {
  std::vector<std::string> found;
  for (const Message& message : messages_) {
    if (message.topic.ends_with(topic_ending)) {
      found.push_back(message.payload);
    }
  }
  return found;
}

void MqttBroker::on_connect(Peer& peer, Instant) {
  sessions_[peer.id()] = {};
}

void MqttBroker::on_bytes(Peer& peer, ByteView bytes, Instant) {
  const std::uint32_t id = peer.id();
  sessions_[id].bytes += as_text(bytes);
  std::uint8_t type = 0;
  std::string body;
  while (sessions_.contains(id) && take_packet(sessions_[id].bytes, type, body)) {
    handle(peer, sessions_[id], type, body);
  }
}

void MqttBroker::on_close(Peer& peer, Ending, Instant) {
  const Session& session = sessions_[peer.id()];
  if (session.logged_in && !session.will_topic.empty()) {
    messages_.push_back({.topic = session.will_topic, .payload = session.will_payload, .retained = true, .will = true});
  }
  sessions_.erase(peer.id());
}

bool MqttBroker::take_packet(std::string& bytes, std::uint8_t& type, std::string& body) {
  std::size_t length = 0;
  std::size_t at = 1;
  for (;; ++at) {
    if (at >= bytes.size()) {
      return false;
    }
    const auto digit = static_cast<std::uint8_t>(bytes[at]);
    length |= static_cast<std::size_t>(digit & 0x7FU) << (7 * (at - 1));
    if ((digit & 0x80U) == 0) {
      break;
    }
  }
  if (bytes.size() < at + 1 + length) {
    return false;
  }
  type = static_cast<std::uint8_t>(bytes[0]);
  body = bytes.substr(at + 1, length);
  bytes.erase(0, at + 1 + length);
  return true;
}

void MqttBroker::handle(Peer& peer, Session& session, std::uint8_t type, const std::string& body) {
  switch (type & 0xF0U) {
    case kConnect:
      return log_in(peer, session, body);
    case kPublish:
      return session.logged_in ? take_message(peer, type, body) : peer.reset();
    case kPingreq:
      return is_mute ? void() : peer.send(packet(0xD0, ""));
    case kDisconnect:
      session.will_topic.clear();
      return peer.close();
    default:
      return peer.reset();
  }
}

void MqttBroker::log_in(Peer& peer, Session& session, const std::string& body) {
  Fields fields(body);
  const std::string protocol = fields.text();
  const std::uint8_t level = fields.byte();
  const std::uint8_t flags = fields.byte();
  fields.number();  // keep-alive
  fields.text();    // client id
  if ((flags & kWillFlag) != 0) {
    session.will_topic = fields.text();
    session.will_payload = fields.text();
  }
  const std::string user = (flags & kUserFlag) != 0 ? fields.text() : "";
  const std::string password = (flags & kPasswordFlag) != 0 ? fields.text() : "";
  if (is_mute) {
    return;
  }
  if (!greeting.empty()) {
    return peer.send(greeting);
  }
  const auto account = accounts.find(user);
  const bool known = accounts.empty() || (account != accounts.end() && account->second == password);
  if (refuses || !known || protocol != "MQTT" || level != 4) {
    peer.send(packet(0x20, std::string("\0\5", 2)));
    return peer.close();
  }
  session.logged_in = true;
  ++logins_;
  peer.send(packet(0x20, std::string("\0\0", 2)));
}

void MqttBroker::take_message(Peer& peer, std::uint8_t type, const std::string& body) {
  Fields fields(body);
  Message message;
  message.topic = fields.text();
  const bool wants_answer = (type & 0x06U) != 0;
  const std::uint16_t id = wants_answer ? fields.number() : 0;
  message.payload = fields.rest();
  message.retained = (type & 0x01U) != 0;
  message.duplicate = (type & 0x08U) != 0;
  messages_.push_back(message);
  if (wants_answer && acknowledges && !is_mute) {
    peer.send(packet(0x40, std::string{static_cast<char>(id >> 8), static_cast<char>(id)}));
  }
}

}  // namespace ferry::sim
