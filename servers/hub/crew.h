// A hub among others that share a broker and a database. It has
//
//   its own session    $share/ferry/ferry/+/data: every hub takes its share of the readings
//   the common one     ferry/+/event and ferry/+/status, in their order: one hub's at a time, which also rolls up and
//                      lets go, and empties the sessions of hubs that are gone
//
// A session at the broker outlives its hub, and a claim in the database says whose it is: what was not stored is taken
// by whoever claims it next. News come from the database, whichever hub stored them.
#pragma once

#include <map>

#include "servers/hub/ingest.h"

namespace ferry::hub {

class Crew final : public Intake {
 public:
  struct Options {
    BrokerLogin login;
    std::string name;      // this hub's, which no other one has
    std::string database;  // URL
    Retention retention;
    std::int64_t silent_after = 86400;  // seconds
    IngestOptions::OnEvent on_event;    // of events that this hub stores
  };

  // Begins at once. `live` must outlive the object. Throws host::Failure.
  Crew(Options options, std::shared_ptr<const Registry> registry, Live& live);
  ~Crew() override;
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  [[nodiscard]] bool wait_until_subscribed(std::chrono::milliseconds limit) override;
  [[nodiscard]] bool wait_until_claimed(std::chrono::milliseconds limit) override;
  [[nodiscard]] IngestState state() const override;
  void set_registry(std::shared_ptr<const Registry> registry) override;

 private:
  // A link with a connection to the database of its own.
  struct Link {
    std::unique_ptr<Store> store;
    std::unique_ptr<Ingest> ingest;
  };

  void run();
  void look_around();
  [[nodiscard]] bool is_common_taken() const;
  void tell_news();
  void tell_readings(const std::string& device);
  void empty_left_behind();
  [[nodiscard]] Link make_link(IngestOptions options) const;
  [[nodiscard]] IngestOptions own_session() const;
  [[nodiscard]] IngestOptions common_session() const;
  [[nodiscard]] IngestOptions session_of(const std::string& hub) const;

  Options options_;
  std::shared_ptr<const Registry> registry_;  // under the mutex
  Live& live_;
  std::unique_ptr<Store> store_;  // the thread's
  NewsWatch news_{live_};
  std::optional<std::int64_t> told_event_;
  std::map<std::string, double> told_readings_;  // up to which time, of devices that are watched
  std::chrono::steady_clock::time_point look_due_;
  Link own_;
  mutable std::mutex mutex_;
  std::condition_variable looked_;
  Link common_;                              // under the mutex, as is what follows
  std::map<std::string, Link> left_behind_;  // by hub
  std::atomic<bool> is_stopping_ = false;
  Wake wake_;
  std::thread thread_;
};

}  // namespace ferry::hub
