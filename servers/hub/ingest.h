// From the broker into the store, on a thread of its own: receive, understand, store, acknowledge.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "servers/hub/mqtt_session.h"
#include "servers/hub/store.h"

namespace ferry::hub {

class Ingest {
 public:
  using OnEvent = std::function<void(const StoredEvent&)>;

  // Begins at once, and connects again with back-off for as long as it lives. `store` is this object's alone from now
  // on. `registry`: null where any device is known. `on_event` is called from the thread, for each event that is new,
  // once it is in the store.
  Ingest(BrokerLogin login, Store& store, std::shared_ptr<const Registry> registry, OnEvent on_event);
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  // Whether messages reach it by then.
  [[nodiscard]] bool wait_until_subscribed(std::chrono::milliseconds limit);
  void set_registry(std::shared_ptr<const Registry> registry);

 private:
  void run();
  void serve(MqttSession& session);
  void take(std::vector<Message>& messages);
  void enter_registry();
  void set_subscribed(bool subscribed);

  BrokerLogin login_;
  Store& store_;
  OnEvent on_event_;
  std::shared_ptr<const Registry> registry_;  // the thread's
  Wake wake_;
  std::atomic<bool> is_stopping_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_subscribed_ = false;
  std::shared_ptr<const Registry> new_registry_;
  std::thread thread_;
};

}  // namespace ferry::hub
