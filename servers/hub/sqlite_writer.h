// The prepared statements that enter changes. SOCI binds variables by address, hence the members that they share; a
// name in a statement stands for one of them, so none occurs twice.
#pragma once

#include <set>
#include <soci/soci.h>
#include <unordered_map>
#include <unordered_set>

#include "servers/hub/sqlite_store.h"

namespace ferry::hub {

struct SqliteStore::Writer {
  explicit Writer(soci::session& session);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Within the caller's transaction.
  void enter(const Account& account);
  void take(const ReadingsReceived& received, std::int64_t now);
  void take(const EventReceived& received, std::int64_t now);
  void take(const StatusReceived& received, std::int64_t now);
  void take(const Refused& refused, std::int64_t now);
  void finish();                            // once, before the commit
  void forget_marks() { marked_.clear(); }  // some of the dirty hours were rolled up

  std::vector<StoredEvent> events;  // entered since the last clear()

 private:
  void see(const std::string& device, std::int64_t now);
  // What is known of a series, so that most readings cost one statement.
  struct Series {
    std::int64_t id = 0;
    std::string unit;
    double last_time = -1;
    const Reading* newest = nullptr;  // of this batch
  };
  [[nodiscard]] Series& series_of(const std::string& device, const Reading& reading);
  [[nodiscard]] bool insert(Series& series, const Reading& reading);
  void mark(const Series& series, const Reading& reading);
  void set_latest(Series& series);
  [[nodiscard]] bool is_known(const StoredEvent& event);
  [[nodiscard]] bool is_news(const std::string& device, const std::optional<SealNumber>& seal, std::int64_t now);
  void follow(const StoredEvent& event);
  void set_online(const std::string& device, bool online);

  std::string device_;
  std::string serial_;
  std::string product_;
  std::string name_;
  std::string unit_;
  std::string text_;
  double time_ = 0;
  double value_ = 0;
  std::int64_t series_ = 0;
  std::int64_t hour_ = 0;
  soci::indicator has_value_ = soci::i_null;
  soci::indicator has_text_ = soci::i_null;
  StoredEvent event_;
  int error_ = 0;
  int online_ = 0;
  std::int64_t oldest_ = 0;
  std::string reason_;
  std::int64_t now_ = 0;
  std::int64_t added_ = 0;
  std::int64_t found_ = 0;
  std::unordered_map<std::string, Series> known_;           // by device and name
  std::vector<Series*> touched_;                            // by this batch
  std::unordered_set<std::string> seen_;                    // by this batch
  std::set<std::pair<std::int64_t, std::int64_t>> marked_;  // series and hour that are dirty
  soci::session& session_;

  soci::statement enter_device_;
  soci::statement see_device_;
  soci::statement insert_reading_;
  soci::statement mark_dirty_;
  soci::statement set_latest_;
  soci::statement find_event_;
  soci::statement insert_event_;
  soci::statement set_version_;
  soci::statement set_online_;
  soci::statement count_refusal_;
  soci::statement add_readings_;
  soci::statement last_id_;
};

}  // namespace ferry::hub
