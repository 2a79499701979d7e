#include "servers/hub/mqtt_session.h"

#include <cerrno>
#include <cstring>
#include <fmt/ranges.h>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "host/failure.h"

namespace ferry::hub {
namespace {

constexpr int kKeepAlive = 30;
constexpr int kAtLeastOnce = 1;  // quality of service

void start_library() {
  static std::once_flag once;
  std::call_once(once, [] { mosquitto_lib_init(); });
}

}  // namespace

MqttSession::MqttSession(const BrokerLogin& login, SessionOptions options) : options_(std::move(options)) {
  start_library();
  handle_ = mosquitto_new(options_.client_id.c_str(), options_.is_clean, this);
  if (handle_ == nullptr) {
    throw host::Failure("out of memory");
  }
  mosquitto_threaded_set(handle_, true);
  mosquitto_connect_callback_set(handle_, on_connect);
  mosquitto_subscribe_callback_set(handle_, on_subscribe);
  mosquitto_unsubscribe_callback_set(handle_, on_unsubscribe);
  mosquitto_message_callback_set(handle_, on_message);
  try {
    if (!login.user.empty()) {
      check(mosquitto_username_pw_set(handle_, login.user.c_str(), login.password.c_str()));
    }
    if (login.is_tls) {
      check(login.authority.empty()
                ? mosquitto_int_option(handle_, MOSQ_OPT_TLS_USE_OS_CERTS, 1)
                : mosquitto_tls_set(handle_, login.authority.c_str(), nullptr, nullptr, nullptr, nullptr));
    }
    check(mosquitto_connect_async(handle_, login.host.c_str(), login.port, kKeepAlive));
  } catch (...) {
    mosquitto_destroy(handle_);
    throw;
  }
}

MqttSession::~MqttSession() {
  mosquitto_destroy(handle_);
}

void MqttSession::check(int code) const {
  if (!refusal_.empty()) {
    throw host::Failure("the broker refused the hub: {}", refusal_);
  }
  if (code != MOSQ_ERR_SUCCESS) {
    throw host::Failure("{}", code == MOSQ_ERR_ERRNO ? std::strerror(errno) : mosquitto_strerror(code));
  }
}

void MqttSession::receive(Wake& wake, std::chrono::milliseconds limit) {
  const int socket = mosquitto_socket(handle_);
  if (socket < 0) {
    check(MOSQ_ERR_NO_CONN);
  }
  const auto writes = static_cast<short>(mosquitto_want_write(handle_) ? POLLOUT : 0);
  const short events = wake.wait(socket, static_cast<short>(POLLIN | writes), limit);
  if ((events & (POLLIN | POLLHUP | POLLERR)) == 0) {
    return;
  }
  // One packet at a time; none that is whole: no more is there.
  for (std::size_t before = SIZE_MAX; messages_.size() < kBatch && messages_.size() != before;) {
    before = messages_.size();
    check(mosquitto_loop_read(handle_, 1));
  }
}

// Acknowledgements are four bytes each; the broker gets them in as few pieces as they fit into.
void MqttSession::set_corked(bool is_corked) const {
  const int value = is_corked ? 1 : 0;
  ::setsockopt(mosquitto_socket(handle_), IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

void MqttSession::acknowledge() {
  messages_.clear();
  set_corked(true);
  while (mosquitto_want_write(handle_)) {
    pollfd room{.fd = mosquitto_socket(handle_), .events = POLLOUT, .revents = 0};
    if (::poll(&room, 1, 0) <= 0) {
      break;
    }
    check(mosquitto_loop_write(handle_, 1));
  }
  set_corked(false);
  check(mosquitto_loop_misc(handle_));
}

void MqttSession::say_goodbye() {
  mosquitto_disconnect(handle_);
  while (mosquitto_socket(handle_) >= 0 && mosquitto_want_write(handle_) &&
         mosquitto_loop_write(handle_, 1) == MOSQ_ERR_SUCCESS) {
  }
}

void MqttSession::on_connect(mosquitto* handle, void* self, int code) {
  auto* session = static_cast<MqttSession*>(self);
  if (code != 0) {
    session->refusal_ = mosquitto_connack_string(code);
    return;
  }
  session->is_connected_ = true;
  for (const std::string& topic : session->options_.topics) {
    mosquitto_subscribe(handle, nullptr, topic.c_str(), kAtLeastOnce);
  }
  for (const std::string& topic : session->options_.left) {
    mosquitto_unsubscribe(handle, nullptr, topic.c_str());
    ++session->to_leave_;
  }
}

void MqttSession::leave() {
  for (const std::string& topic : options_.left) {
    check(mosquitto_unsubscribe(handle_, nullptr, topic.c_str()));
    ++to_leave_;
  }
}

void MqttSession::on_unsubscribe(mosquitto* /*handle*/, void* self, int /*id*/) {
  ++static_cast<MqttSession*>(self)->left_;
}

void MqttSession::on_subscribe(mosquitto* /*handle*/, void* self, int /*id*/, int count, const int* granted) {
  auto* session = static_cast<MqttSession*>(self);
  constexpr int kRefused = 128;
  if (count < 1 || granted[0] >= kRefused) {
    session->refusal_ = "it may not read " + fmt::format("{}", fmt::join(session->options_.topics, ", "));
    return;
  }
  ++session->granted_;
}

void MqttSession::on_message(mosquitto* /*handle*/, void* self, const mosquitto_message* message) {
  auto* session = static_cast<MqttSession*>(self);
  const auto* bytes = static_cast<const char*>(message->payload);
  session->messages_.push_back(
      {.topic = message->topic,
       .payload = std::string(bytes == nullptr ? "" : bytes, static_cast<std::size_t>(message->payloadlen))});
}

}  // namespace ferry::hub
