// Enters a batch of changes. SOCI binds variables by address, hence the members that the statements share; a name in a
// statement stands for one of them, so none occurs twice.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <soci/soci.h>
#include <span>
#include <unordered_map>

#include "servers/hub/row_writer.h"
#include "servers/hub/store.h"
#include "servers/hub/tallies.h"

namespace ferry::hub {

class ChangeWriter {
 public:
  ChangeWriter(soci::session& session, std::unique_ptr<RowWriter> rows);
  ChangeWriter(const ChangeWriter&) = delete;
  ChangeWriter& operator=(const ChangeWriter&) = delete;

  // Both within the caller's transaction; after a failure the object is of no use any more. Returns the new events.
  [[nodiscard]] std::vector<StoredEvent> apply(std::span<const Change> changes, std::int64_t now);
  void enter(const Registry& registry);

  void forget_marks() { marked_.clear(); }  // some of the dirty hours were rolled up

 private:
  void begin(std::span<const Change> changes);
  void enter_seals(std::span<const Change> changes);
  void take(const ReadingsReceived& received);
  void take(const EventReceived& received);
  void take(const StatusReceived& received);
  void take(const Refused& refused);
  void finish();
  void insert_readings();
  void mark_hours();
  void note(const ReadingRow& row);
  void count();
  using SeriesOfDevice = std::unordered_map<std::string, Series>;  // by name
  [[nodiscard]] Series& series_of(const std::string& device, SeriesOfDevice& known, const Reading& reading);
  [[nodiscard]] const Reading& mended(const Reading& reading);
  [[nodiscard]] bool is_known(const StoredEvent& event);
  void insert(StoredEvent event);
  void follow(const StoredEvent& event);
  [[nodiscard]] std::string version_of(const std::string& device);
  void set_version(const StoredEvent& event);
  void enter_devices(std::int64_t entered);

  std::string device_;
  StoredEvent event_;
  int error_ = 0;
  std::int64_t oldest_ = 0;
  std::string reason_;
  std::int64_t now_ = 0;
  std::int64_t added_ = 0;
  std::int64_t found_ = 0;
  std::int64_t times_ = 0;

  // Of this batch.
  std::vector<StoredEvent> events_;
  std::vector<ReadingRow> readings_;
  std::vector<std::pair<const std::string*, std::size_t>> packs_;  // device, end among the readings
  std::deque<Reading> mended_;
  std::vector<Series*> unknown_;
  std::vector<Series*> touched_;
  std::set<std::string> heard_;
  std::map<std::string, StoredEvent> versions_;  // the event that told of it, by device
  std::set<const Change*> replayed_;             // sealed, and the seal's number was there before
  std::map<std::string, bool> online_;
  std::map<std::pair<std::string, std::string>, std::int64_t> refused_;  // by device and reason
  Tallies tallies_;

  // Of all.
  std::unordered_map<std::string, SeriesOfDevice> known_;  // by device
  std::size_t known_series_ = 0;
  std::set<Hour> marked_;  // that are dirty, as far as is known
  soci::session& session_;
  std::unique_ptr<RowWriter> rows_;

  soci::statement find_event_;
  soci::statement insert_event_;
  soci::statement set_version_;
  soci::statement count_refusal_;
  soci::statement add_readings_;
};

}  // namespace ferry::hub
