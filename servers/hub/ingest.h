// From the broker into the store, on a thread of its own: receive, understand, store, acknowledge.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "servers/hub/live.h"
#include "servers/hub/mqtt_session.h"
#include "servers/hub/store.h"

namespace ferry::hub {

struct IngestState {
  bool is_subscribed = false;
  std::int64_t messages = 0;  // since the start, stored
  std::int64_t batches = 0;
  std::int64_t readings = 0;
  double readings_per_second = 0;  // in the last minute
};

class Ingest {
 public:
  using OnEvent = std::function<void(const StoredEvent&)>;

  // Begins at once, and connects again with back-off for as long as it lives. `store` is this object's alone from now
  // on. `registry`: null where any device is known. `on_event` is called from the thread, for each event that is new,
  // once it is in the store.
  // `live` must outlive it; null: nobody listens.
  Ingest(BrokerLogin login, Store& store, std::shared_ptr<const Registry> registry, OnEvent on_event,
         Retention retention = {}, Live* live = nullptr);
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  // Whether messages reach it by then.
  [[nodiscard]] bool wait_until_subscribed(std::chrono::milliseconds limit);
  [[nodiscard]] IngestState state() const;
  void set_registry(std::shared_ptr<const Registry> registry);

 private:
  void run();
  void serve(MqttSession& session);
  void take(std::vector<Message>& messages);
  void tell(const std::vector<Change>& changes);
  void count(const std::vector<Change>& changes);
  void tend();
  void enter_registry();
  void set_subscribed(bool subscribed);

  BrokerLogin login_;
  Store& store_;
  OnEvent on_event_;
  std::shared_ptr<const Registry> registry_;  // the thread's
  Wake wake_;
  std::atomic<bool> is_stopping_ = false;
  Retention retention_;
  Live* live_;
  std::chrono::steady_clock::time_point tend_due_;
  std::deque<std::pair<std::int64_t, std::int64_t>> by_second_;  // of the last minute: second, readings
  IngestState state_;                                            // under the mutex, as is what follows
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_subscribed_ = false;
  std::shared_ptr<const Registry> new_registry_;
  std::thread thread_;
};

}  // namespace ferry::hub
