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
#include "servers/hub/news.h"
#include "servers/hub/store.h"

namespace ferry::hub {

struct IngestState {
  bool is_subscribed = false;
  bool has_duties = false;    // rolls up and lets go
  std::int64_t messages = 0;  // since the start, stored
  std::int64_t batches = 0;
  std::int64_t readings = 0;
  double readings_per_second = 0;  // in the last minute
};

// What a hub takes in, over one session at the broker or several.
class Intake {
 public:
  virtual ~Intake() = default;

  // Whether messages reach it by then.
  [[nodiscard]] virtual bool wait_until_subscribed(std::chrono::milliseconds limit) = 0;
  // Whether the session is this hub's by then.
  [[nodiscard]] virtual bool wait_until_claimed(std::chrono::milliseconds limit) = 0;
  [[nodiscard]] virtual IngestState state() const = 0;
  virtual void set_registry(std::shared_ptr<const Registry> registry) = 0;
};

struct IngestOptions {
  using OnEvent = std::function<void(const StoredEvent&)>;

  BrokerLogin login;
  SessionOptions session = {};
  OnEvent on_event = [](const StoredEvent&) {};  // from the thread, for each event that is new, once it is in the store
  std::optional<Retention> retention = {};       // nothing: somebody else rolls up and lets go
  Live* live = nullptr;                          // must outlive the object; null: nobody listens
  std::int64_t silent_after = 86400;             // seconds; alerts are told to `live`
  std::string hub = {};                          // whose session it is, where several hubs share a broker
  bool is_left_behind = false;                   // that hub is gone: takes what is there, gives the session up, ends
};

class Ingest final : public Intake {
 public:
  // Begins at once, and connects again with back-off for as long as it lives; but only while the session is `store`'s
  // claim. `store` is this object's alone from now on. `registry`: null where any device is known.
  Ingest(IngestOptions options, Store& store, std::shared_ptr<const Registry> registry);
  ~Ingest() override;
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  [[nodiscard]] bool wait_until_subscribed(std::chrono::milliseconds limit) override;
  [[nodiscard]] bool wait_until_claimed(std::chrono::milliseconds limit) override;
  [[nodiscard]] IngestState state() const override;
  void set_registry(std::shared_ptr<const Registry> registry) override;
  [[nodiscard]] bool is_done() const { return is_done_; }            // of a session that was left behind
  [[nodiscard]] bool is_elsewhere() const { return is_elsewhere_; }  // another hub has claimed the session

 private:
  enum class Stage : std::uint8_t { kWaiting, kClaimed, kSubscribed };

  void run();
  void work();
  [[nodiscard]] bool claim();
  void serve(MqttSession& session);
  void empty(MqttSession& session);
  void forget_session();
  void take(std::vector<Message>& messages);
  void tell(const std::vector<Change>& changes);
  void count(const std::vector<Change>& changes);
  void tend();
  void enter_registry();
  void set_stage(Stage stage);
  [[nodiscard]] bool wait_until(Stage stage, std::chrono::milliseconds limit);

  IngestOptions options_;
  Store& store_;
  std::shared_ptr<const Registry> registry_;  // the thread's
  Wake wake_;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<bool> is_done_ = false;
  std::atomic<bool> is_elsewhere_ = false;
  std::chrono::steady_clock::time_point tend_due_;
  std::optional<NewsWatch> news_;
  std::deque<std::pair<std::int64_t, std::int64_t>> by_second_;  // of the last minute: second, readings
  IngestState state_;                                            // under the mutex, as is what follows
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Stage stage_ = Stage::kWaiting;
  std::shared_ptr<const Registry> new_registry_;
  std::thread thread_;
};

}  // namespace ferry::hub
