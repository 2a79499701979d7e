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

// What of the broker's is this connection's. The session outlives the connection: what comes meanwhile, the broker
// keeps for the next one of this client id.
struct SessionOptions {
  std::string client_id{kHubUser};
  std::vector<std::string> topics{std::begin(kTopics), std::end(kTopics)};
  std::vector<std::string> left = {};  // subscriptions of before that are given up
  bool is_clean = false;               // forgets the session, at the beginning and at the end
};

class MqttSession {
 public:
  static constexpr std::size_t kBatch = 2048;  // messages between two acknowledgements

  // Begins to connect. Throws host::Failure.
  explicit MqttSession(const BrokerLogin& login, SessionOptions options = {});
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
  [[nodiscard]] bool is_connected() const { return is_connected_; }
  [[nodiscard]] bool is_subscribed() const { return is_connected_ && granted_ >= options_.topics.size() && has_left(); }
  // Gives up the subscriptions in `left` (again: what the broker had for them comes before its answer). Throws
  // host::Failure.
  void leave();
  [[nodiscard]] bool has_left() const { return left_ >= to_leave_; }  // the broker has answered

 private:
  static void on_connect(mosquitto* handle, void* self, int code);
  static void on_subscribe(mosquitto* handle, void* self, int id, int count, const int* granted);
  static void on_unsubscribe(mosquitto* handle, void* self, int id);
  static void on_message(mosquitto* handle, void* self, const mosquitto_message* message);
  void check(int code) const;
  void set_corked(bool is_corked) const;

  SessionOptions options_;
  mosquitto* handle_ = nullptr;
  std::vector<Message> messages_;
  std::string refusal_;
  bool is_connected_ = false;
  std::size_t granted_ = 0;   // subscriptions
  std::size_t to_leave_ = 0;  // asked for
  std::size_t left_ = 0;      // answered
};

}  // namespace ferry::hub
