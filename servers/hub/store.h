// Where the hub keeps what devices say. One object is one connection, for one thread; several may be open at once.
//
// Every call throws StoreError where the database refuses or does not answer; what was applied before stays, nothing is
// half applied. A connection that is lost is made anew by the calls that follow.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <soci/soci.h>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "servers/hub/registry.h"
#include "servers/hub/types.h"

namespace ferry::hub {

class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// It does not answer; what was asked may be asked again.
class StoreUnavailable : public StoreError {
 public:
  using StoreError::StoreError;
};

struct Device {
  std::string id;
  std::string serial;
  std::string product;
  bool online = false;
  std::optional<std::int64_t> first_seen;  // nothing: never
  std::optional<std::int64_t> last_seen;
  std::string version;  // that runs, by its last "started", "confirmed" or "reverted"
  std::int64_t sequence = 0;
};

struct ReadingQuery {
  std::string device;
  std::string name;  // empty: all
  std::optional<double> from;
  std::optional<double> to;
  std::size_t limit = 0;
};

struct EventQuery {
  std::string device;      // empty: all
  std::int64_t after = 0;  // newest first: before it; 0 = from the newest on
  std::size_t limit = 0;
  std::string kind = {};  // empty: all
  bool is_newest_first = false;
};

struct Summary {
  std::int64_t devices = 0;
  std::int64_t online = 0;
  std::int64_t readings = 0;
  std::int64_t events = 0;
  std::map<std::string, std::int64_t> versions;  // devices by version; "" = not known
};

using Refusals = std::map<std::string, std::int64_t>;  // how many messages, by reason

// How long things are kept, in seconds; 0: for ever. Roll-ups by day are kept for ever.
struct Retention {
  std::int64_t raw = 0;    // readings, and their roll-ups by minute
  std::int64_t hours = 0;  // roll-ups by hour
  std::int64_t events = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Enters the registry's devices, or their serial and product anew.
  virtual void enter(const Registry& registry) = 0;
  // All or nothing, durable on return. Readings and events that are there already are left as they are and counted as
  // Refusal::kReplayed. Returns the new events. `now`: UTC seconds.
  virtual std::vector<StoredEvent> apply(std::span<const Change> changes, std::int64_t now) = 0;

  // In the order of ids, those after `after`.
  virtual std::vector<Device> devices(const std::string& after, std::size_t limit) = 0;
  virtual std::optional<Device> device(const std::string& id) = 0;
  // Newest first.
  virtual std::vector<Reading> readings(const ReadingQuery& query) = 0;
  // The newest of each name.
  virtual std::vector<Reading> latest(const std::string& device) = 0;
  virtual std::vector<StoredEvent> events(const EventQuery& query) = 0;
  virtual Refusals refusals(const std::string& device) = 0;
  virtual Refusals all_refusals() = 0;
  virtual Summary summary() = 0;

  // Rolls up hours that are over, and lets go of what is past its time, some of it at a time. Returns whether more is
  // to be done at once.
  virtual bool tend(const Retention& retention, std::int64_t now) = 0;

  // What one hub may do at a time: whether `what` is this object's from now on, until release() or the connection ends,
  // however that ends. Where the connection was lost, the next call of this object throws, and `what` is free.
  virtual bool claim(const std::string& what) = 0;
  virtual void release(const std::string& what) = 0;

  // The connection, for the questions of other files of this module.
  virtual soci::session& sql() = 0;
};

// "sqlite:FILE" or "postgresql://user:password@host:port/name". Makes what is missing, and brings an older schema up to
// date. Throws host::Failure.
[[nodiscard]] std::unique_ptr<Store> open_store(const std::string& url);

}  // namespace ferry::hub
