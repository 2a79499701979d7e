#include "tests/hub/mqtt_device.h"

#include "tests/hub/wait.h"

namespace ferry::hub {
namespace {

MqttDevice& device_of(void* self) {
  return *static_cast<MqttDevice*>(self);
}

}  // namespace

MqttDevice::MqttDevice(std::uint16_t port, const std::string& user, const std::string& password,
                       const std::string& client_id) {
  mosquitto_lib_init();
  handle_ = mosquitto_new(client_id.empty() ? nullptr : client_id.c_str(), true, this);
  mosquitto_username_pw_set(handle_, user.c_str(), password.c_str());
  mosquitto_max_inflight_messages_set(handle_, 0);
  mosquitto_reconnect_delay_set(handle_, 1, 1, false);
  mosquitto_connect_callback_set(handle_, [](mosquitto*, void* self, int code) {
    device_of(self).was_refused_ = code != 0;
    device_of(self).is_online_ = code == 0;
  });
  mosquitto_disconnect_callback_set(handle_, [](mosquitto*, void* self, int) { device_of(self).is_online_ = false; });
  mosquitto_subscribe_callback_set(
      handle_, [](mosquitto*, void* self, int, int, const int*) { device_of(self).is_subscribed_ = true; });
  mosquitto_publish_callback_set(handle_, [](mosquitto*, void* self, int id) {
    const std::lock_guard lock(device_of(self).mutex_);
    device_of(self).acknowledged_.insert(id);
  });
  mosquitto_message_callback_set(handle_, [](mosquitto*, void* self, const mosquitto_message* message) {
    const std::lock_guard lock(device_of(self).mutex_);
    device_of(self).received_.emplace_back(message->topic);
  });
  mosquitto_connect_async(handle_, "127.0.0.1", port, 10);
  mosquitto_loop_start(handle_);
}

MqttDevice::~MqttDevice() {
  mosquitto_disconnect(handle_);
  mosquitto_loop_stop(handle_, true);
  mosquitto_destroy(handle_);
}

int MqttDevice::publish(const std::string& topic, const std::string& payload, bool retain) {
  int id = -1;
  const int code =
      mosquitto_publish(handle_, &id, topic.c_str(), static_cast<int>(payload.size()), payload.data(), 1, retain);
  return code == MOSQ_ERR_SUCCESS || code == MOSQ_ERR_NO_CONN ? id : -1;
}

void MqttDevice::subscribe(const std::string& filter) {
  is_subscribed_ = false;
  mosquitto_subscribe(handle_, nullptr, filter.c_str(), 1);
}

bool MqttDevice::is_acknowledged(int id) const {
  const std::lock_guard lock(mutex_);
  return acknowledged_.contains(id);
}

bool MqttDevice::deliver(const std::string& topic, const std::string& payload, bool retain) {
  if (!eventually([this] { return is_online(); })) {
    return false;
  }
  const int id = publish(topic, payload, retain);
  return id >= 0 && eventually([this, id] { return is_acknowledged(id); });
}

std::vector<std::string> MqttDevice::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

}  // namespace ferry::hub
