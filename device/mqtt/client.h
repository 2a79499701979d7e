// An MQTT 3.1.1 client as a protocol machine: publishes at QoS 1, subscribes to nothing (OASIS MQTT 3.1.1).
//
// No I/O, no clock. A message is kept until it was acknowledged, also across connections: after connect() it is sent
// again with DUP. Everything that a broker may not send here fails the machine with kMqttMalformed.
#pragma once

#include <array>
#include <optional>

#include "device/base/bytes.h"
#include "device/base/result.h"
#include "device/base/time.h"

namespace ferry::mqtt {

inline constexpr std::size_t kMaxTopic = 64;
inline constexpr std::size_t kMaxMessage = 512;  // of one published message
inline constexpr std::size_t kMaxConnect = 320;  // client id, account, will together

struct Session {  // texts are copied by connect()
  std::string_view client_id;
  std::string_view user;
  std::string_view password;
  std::string_view status_topic;  // retained "online" after the login; the will says "offline"
};

struct Timing {
  Duration answer = 20s;      // CONNACK, PUBACK, PINGRESP
  Duration keep_alive = 60s;  // told to the broker; a ping goes out after three quarters of silence
};

enum class State : std::uint8_t {
  kIdle,
  kConnecting,  // CONNECT is on its way, or CONNACK is awaited
  kOnline,
  kFailed,  // error() says why; connect() starts anew
};

class Client {
 public:
  explicit Client(Timing timing = {}) : timing_(timing) {}

  // A new connection is open. Errors: kMqttTooLarge (the session's texts).
  [[nodiscard]] Status connect(const Session& session, Instant now);
  // Takes a message. Errors: kWrongState (not online), kBusy (one is in flight), kMqttTooLarge.
  [[nodiscard]] Status publish(std::string_view topic, ByteView message, Instant now);
  // Says goodbye: the broker then keeps the will to itself. To kIdle once transmitted.
  void disconnect();
  // The connection is gone.
  void lost(Error error);

  void receive(ByteView bytes, Instant now);
  void handle_timeout(Instant now);
  // What is to be sent next; empty = nothing. transmitted() consumes it.
  [[nodiscard]] ByteView poll_transmit() const;
  void transmitted(std::size_t bytes, Instant now);
  [[nodiscard]] Instant poll_timeout() const;

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] Error error() const { return error_; }
  [[nodiscard]] bool in_flight() const { return message_size_ > 0; }
  // True once goodbye has been transmitted.
  [[nodiscard]] bool finished() const { return state_ == State::kIdle; }

 private:
  void fail_with(Error error);
  void take_packet(Instant now);
  void take_connack(Instant now);
  void take_puback();
  [[nodiscard]] bool take_length(std::uint8_t byte);
  [[nodiscard]] Status encode_connect(const Session& session);
  [[nodiscard]] Status encode_online(std::string_view topic);
  void queue_control(ByteView packet);
  void send_again();

  Timing timing_;
  State state_ = State::kIdle;
  Error error_{};

  std::array<std::uint8_t, kMaxConnect> control_{};  // CONNECT, then the status, then pings and the goodbye
  std::size_t control_size_ = 0;
  std::size_t control_sent_ = 0;
  std::array<char, kMaxTopic> status_topic_{};
  std::size_t status_topic_size_ = 0;

  std::array<std::uint8_t, kMaxMessage + kMaxTopic + 8> message_{};  // PUBLISH, until it is acknowledged
  std::size_t message_size_ = 0;
  std::size_t message_sent_ = 0;
  std::uint16_t packet_id_ = 0;

  // The packet that is being received.
  std::uint8_t type_ = 0;
  std::uint32_t length_ = 0;
  std::uint8_t length_bytes_ = 0;
  std::array<std::uint8_t, 4> body_{};
  std::uint32_t body_size_ = 0;
  enum class Part : std::uint8_t { kType, kLength, kBody } part_ = Part::kType;

  Instant connack_due_ = kNever;
  Instant puback_due_ = kNever;
  Instant pingresp_due_ = kNever;
  Instant ping_at_ = kNever;
  bool leaving_ = false;
};

}  // namespace ferry::mqtt
