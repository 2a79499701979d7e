// One connection to the broker, over libmosquitto, for one thread.
//
// A message is acknowledged only after acknowledge(): libmosquitto queues the PUBACK before it calls the message
// callback, and writes at once unless it is told that another thread writes. That is told, and the other thread is
// acknowledge(), so whoever stores first and acknowledges then loses nothing: what was not acknowledged, the broker
// sends again, also to the next connection.
#pragma once

#include <filesystem>
#include <mosquitto.h>
#include <string>
#include <vector>

#include "servers/hub/message.h"
#include "servers/hub/wake.h"

namespace ferry::hub {

struct BrokerLogin {
  std::string host;
  std::uint16_t port = 0;
  std::string user;
  std::string password;
  bool is_tls = false;
  std::filesystem::path authority = {};  // PEM, that signed the broker's certificate; empty: the system's
};

class MqttSession {
 public:
  static constexpr std::size_t kBatch = 2048;  // messages between two acknowledgements

  // Begins to connect. Throws host::Failure.
  explicit MqttSession(const BrokerLogin& login);
  ~MqttSession();  // says nothing: what was not acknowledged stays so
  MqttSession(const MqttSession&) = delete;
  MqttSession& operator=(const MqttSession&) = delete;

  // Waits for the broker (or `wake`, or the time), and takes what is there. Throws host::Failure: the connection is
  // lost, or the login was refused.
  void receive(Wake& wake, std::chrono::milliseconds limit);
  [[nodiscard]] std::vector<Message>& messages() { return messages_; }
  // Everything received so far is safe. Throws host::Failure.
  void acknowledge();
  void say_goodbye();
  [[nodiscard]] bool is_subscribed() const { return granted_ >= std::size(kTopics); }

 private:
  static void on_connect(mosquitto* handle, void* self, int code);
  static void on_subscribe(mosquitto* handle, void* self, int id, int count, const int* granted);
  static void on_message(mosquitto* handle, void* self, const mosquitto_message* message);
  void check(int code) const;

  mosquitto* handle_ = nullptr;
  std::vector<Message> messages_;
  std::string refusal_;
  std::size_t granted_ = 0;  // subscriptions
};

}  // namespace ferry::hub
