// A device as the broker sees it, on libmosquitto, with a thread that keeps the connection.
#pragma once

#include <atomic>
#include <mosquitto.h>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace ferry::hub {

class MqttDevice {
 public:
  MqttDevice(std::uint16_t port, const std::string& user, const std::string& password,
             const std::string& client_id = "");
  ~MqttDevice();
  MqttDevice(const MqttDevice&) = delete;
  MqttDevice& operator=(const MqttDevice&) = delete;

  [[nodiscard]] bool is_online() const { return is_online_; }
  [[nodiscard]] bool was_refused() const { return was_refused_; }
  // Returns the message's id; -1 where it could not even be queued.
  int publish(const std::string& topic, const std::string& payload, bool retain = false);
  void subscribe(const std::string& filter);
  [[nodiscard]] bool is_subscribed() const { return is_subscribed_; }
  [[nodiscard]] bool is_acknowledged(int id) const;
  // Publishes at QoS 1 and waits for the acknowledgement.
  [[nodiscard]] bool deliver(const std::string& topic, const std::string& payload, bool retain = false);
  [[nodiscard]] std::vector<std::string> received() const;  // topics

 private:
  mosquitto* handle_;
  std::atomic<bool> is_online_ = false;
  std::atomic<bool> was_refused_ = false;
  std::atomic<bool> is_subscribed_ = false;
  mutable std::mutex mutex_;
  std::set<int> acknowledged_;
  std::vector<std::string> received_;
};

}  // namespace ferry::hub
