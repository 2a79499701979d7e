// A small MQTT 3.1.1 broker in memory: accounts, QoS 1, wills; and what a broker may do to a client.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/network.h"

namespace ferry::sim {

class MqttBroker : public Service {
 public:
  struct Message {
    std::string topic;
    std::string payload;
    bool retained = false;
    bool duplicate = false;
    bool will = false;
  };

  explicit MqttBroker(std::string host, std::uint16_t port = 1883) : host_(std::move(host)), port_(port) {}
  void attach(Network& network) { network.listen(host_, port_, *this); }

  std::map<std::string, std::string> accounts;  // user -> password; empty = everybody may come in
  bool refuses = false;                         // every login is refused with code 5
  bool acknowledges = true;                     // PUBACK
  bool is_mute = false;                         // answers nothing at all
  std::string greeting;                         // these bytes instead of CONNACK

  [[nodiscard]] const std::vector<Message>& messages() const { return messages_; }
  [[nodiscard]] std::vector<std::string> payloads(std::string_view topic_ending) const;
  [[nodiscard]] std::size_t logins() const { return logins_; }
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
  void clear() { messages_.clear(); }

  void on_connect(Peer& peer, Instant now) override;
  void on_bytes(Peer& peer, ByteView bytes, Instant now) override;
  void on_close(Peer& peer, Ending ending, Instant now) override;

 private:
  struct Session {
    std::string bytes;
    bool logged_in = false;
    std::string will_topic;
    std::string will_payload;
  };

  // One whole packet at the start of `bytes`, taken off it. False when there is none yet.
  static bool take_packet(std::string& bytes, std::uint8_t& type, std::string& body);
  void handle(Peer& peer, Session& session, std::uint8_t type, const std::string& body);
  void log_in(Peer& peer, Session& session, const std::string& body);
  void take_message(Peer& peer, std::uint8_t type, const std::string& body);

  std::string host_;
  std::uint16_t port_;
  std::map<std::uint32_t, Session> sessions_;
  std::vector<Message> messages_;
  std::size_t logins_ = 0;
};

}  // namespace ferry::sim
