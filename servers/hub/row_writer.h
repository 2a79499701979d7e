// Rows that a batch of changes costs, many at a time: what each database does its own way. Within the caller's
// transaction. Rows come in one order everywhere, so that two hubs that write at once wait for each other and never
// for a circle. Everything throws soci::soci_error.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "servers/hub/analysis.h"
#include "servers/hub/types.h"

namespace ferry::hub {

struct Series {
  std::string device;
  std::string name;
  std::string unit;
  std::int64_t id = 0;
  double last_time = -1;
  const Reading* newest = nullptr;                 // of this batch
  std::unique_ptr<RecentValues> recent = nullptr;  // null: not known yet
};

struct ReadingRow {
  Series* series = nullptr;
  const Reading* reading = nullptr;
  bool is_new = false;
};

using Hour = std::pair<std::int64_t, std::int64_t>;  // series, hour since 1970

class RowWriter {
 public:
  virtual ~RowWriter() = default;

  // Events come one after the other from here to the end of the transaction, whoever writes: an event has a greater
  // number than those that are there to be seen.
  virtual void take_turns() = 0;
  // Devices, sorted: enters who is new, and that they were seen. Returns how many are new.
  virtual std::int64_t see(const std::vector<std::string>& devices, std::int64_t now) = 0;
  // Returns by how many there are more online.
  virtual std::int64_t set_online(const std::map<std::string, bool>& devices) = 0;
  // Enters series that are new; sets id, unit and last_time. Returns those that are new.
  virtual std::vector<const Series*> find(const std::vector<Series*>& series) = 0;
  // Sets is_new where there was none of this series and time before, in the store or earlier in `rows`.
  virtual void insert(std::vector<ReadingRow>& rows) = 0;
  // Sorted. Hours that are over may be rolled up by somebody else at this moment: these marks hold all the same.
  virtual void mark(const std::vector<Hour>& hours, std::int64_t now) = 0;
  // `newest` becomes the last one, unless there is a later one already.
  virtual void set_latest(const std::vector<Series*>& series) = 0;
};

}  // namespace ferry::hub
