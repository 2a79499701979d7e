#include "servers/hub/sqlite_writer.h"

#include <array>

#include "servers/hub/seal_store.h"
#include "servers/hub/sql.h"
#include "servers/hub/visit.h"

namespace ferry::hub {
namespace {

using soci::into;
using soci::use;

// An event without a time may be news that looks like old news ("started" after every reset), or the same message twice
// because its acknowledgement was lost. A device sends again within minutes.
constexpr std::int64_t kSendsAgainWithin = 120;

std::string version_text(const suit::Version& version) {
  constexpr std::size_t kMaxVersionText = 128;
  std::array<std::uint8_t, kMaxVersionText> buffer{};
  const auto text = version.count == 0 ? Result<std::string_view>("") : version.format(buffer);
  return text ? std::string(*text) : std::string();
}

StoredEvent to_stored(const EventReceived& received, std::int64_t now) {
  const Event& event = received.event;
  return {.device = received.device,
          .kind = std::string(name(event.kind)),
          .time = event.time,
          .error = static_cast<std::uint16_t>(event.error),
          .sequence = static_cast<std::int64_t>(event.sequence),
          .version = version_text(event.version),
          .bytes = static_cast<std::int64_t>(event.bytes),
          .milliseconds = static_cast<std::int64_t>(event.milliseconds),
          .received = now};
}

}  // namespace

SqliteStore::Writer::Writer(soci::session& session)
    : session_(session),
      enter_device_((session.prepare << "INSERT INTO devices (id, serial, product) VALUES (:id, :serial, :product) "
                                        "ON CONFLICT (id) DO UPDATE SET serial = excluded.serial, "
                                        "product = excluded.product",
                     use(device_), use(serial_), use(product_))),
      see_device_((session.prepare << "INSERT INTO devices (id, first_seen, last_seen) VALUES (:id, :first, :last) "
                                      "ON CONFLICT (id) DO UPDATE SET last_seen = excluded.last_seen, "
                                      "first_seen = COALESCE(devices.first_seen, excluded.first_seen)",
                   use(device_), use(now_), use(now_))),
      insert_reading_((session.prepare << "INSERT INTO readings (series, time, value, text) VALUES (:series, :time, "
                                          ":value, :text) ON CONFLICT DO NOTHING",
                       use(series_), use(time_), use(value_, has_value_), use(text_, has_text_))),
      mark_dirty_((session.prepare << "INSERT INTO dirty (series, hour) VALUES (:series, :hour) ON CONFLICT DO NOTHING",
                   use(series_), use(hour_))),
      set_latest_((session.prepare << "UPDATE series SET unit = :unit, last_time = :time, last_value = :value, "
                                      "last_text = :text WHERE id = :series",
                   use(unit_), use(time_), use(value_, has_value_), use(text_, has_text_), use(series_))),
      find_event_((session.prepare << "SELECT COUNT(*) FROM events WHERE device = :device AND kind = :kind AND "
                                      "time = :time AND error = :error AND sequence = :sequence AND "
                                      "version = :version AND bytes = :bytes AND milliseconds = :milliseconds AND "
                                      "received >= :oldest",
                   into(found_), use(event_.device), use(event_.kind), use(event_.time), use(error_),
                   use(event_.sequence), use(event_.version), use(event_.bytes), use(event_.milliseconds),
                   use(oldest_))),
      insert_event_((session.prepare << "INSERT INTO events (device, kind, time, error, sequence, version, bytes, "
                                        "milliseconds, received) VALUES (:device, :kind, :time, :error, :sequence, "
                                        ":version, :bytes, :milliseconds, :received)",
                     use(event_.device), use(event_.kind), use(event_.time), use(error_), use(event_.sequence),
                     use(event_.version), use(event_.bytes), use(event_.milliseconds), use(event_.received))),
      set_version_((session.prepare << "UPDATE devices SET version = :version, sequence = CASE WHEN :known > 0 "
                                       "THEN :sequence ELSE sequence END WHERE id = :id",
                    use(event_.version), use(event_.sequence), use(event_.sequence), use(event_.device))),
      set_online_(
          (session.prepare << "UPDATE devices SET online = :online WHERE id = :id", use(online_), use(device_))),
      count_refusal_((session.prepare << "INSERT INTO refusals (device, reason, count, last) VALUES (:device, "
                                         ":reason, 1, :now) ON CONFLICT (device, reason) DO UPDATE SET "
                                         "count = refusals.count + 1, last = excluded.last",
                      use(device_), use(reason_), use(now_))),
      add_readings_(
          (session.prepare << "UPDATE counters SET value = value + :added WHERE name = 'readings'", use(added_))),
      last_id_((session.prepare << "SELECT MAX(id) FROM events", into(event_.id))) {}

void SqliteStore::Writer::enter(const Account& account) {
  device_ = account.device;
  serial_ = account.serial;
  product_ = account.product;
  enter_device_.execute(true);
}

void SqliteStore::Writer::see(const std::string& device, std::int64_t now) {
  device_ = device;
  now_ = now;
  see_device_.execute(true);
}

SqliteStore::Writer::Series& SqliteStore::Writer::series_of(const std::string& device, const Reading& reading) {
  const std::string key = device + '/' + reading.name;
  if (const auto found = known_.find(key); found != known_.end()) {
    return found->second;
  }
  execute(session_,
          Sql("INSERT INTO series (device, name, unit) VALUES (?, ?, ?) ON CONFLICT (device, name) DO NOTHING", device,
              reading.name, reading.unit));
  const auto row = select_one<std::int64_t, std::string, std::optional<double>>(
      session_, Sql("SELECT id, unit, last_time FROM series WHERE device = ? AND name = ?", device, reading.name));
  const auto& [id, unit, last_time] = row.value();
  return known_[key] = {.id = id, .unit = unit, .last_time = last_time.value_or(-1)};
}

bool SqliteStore::Writer::insert(Series& series, const Reading& reading) {
  series_ = series.id;
  time_ = reading.time;
  value_ = reading.value.value_or(0);
  has_value_ = reading.value ? soci::i_ok : soci::i_null;
  has_text_ = reading.value ? soci::i_null : soci::i_ok;
  text_ = reading.text;
  insert_reading_.execute(true);
  return insert_reading_.get_affected_rows() > 0;
}

void SqliteStore::Writer::mark(const Series& series, const Reading& reading) {
  constexpr double kHour = 3600;
  hour_ = static_cast<std::int64_t>(reading.time / kHour);
  if (reading.value && marked_.emplace(series.id, hour_).second) {
    mark_dirty_.execute(true);
  }
}

// What is not sealed is always news, as far as this goes.
bool SqliteStore::Writer::is_news(const std::string& device, const std::optional<SealNumber>& seal, std::int64_t now) {
  if (!seal || enter_seal(session_, device, *seal)) {
    return true;
  }
  take(Refused{device, Refusal::kReplayed}, now);
  return false;
}

void SqliteStore::Writer::take(const ReadingsReceived& received, std::int64_t now) {
  if (!is_news(received.device, received.seal, now)) {
    return;
  }
  if (seen_.insert(received.device).second) {
    see(received.device, now);
  }
  bool replayed = false;
  for (const Reading& reading : received.readings) {
    Series& series = series_of(received.device, reading);
    if (!insert(series, reading)) {
      replayed = true;
      continue;
    }
    ++added_;
    mark(series, reading);
    if (reading.time >= series.last_time) {
      if (series.newest == nullptr) {
        touched_.push_back(&series);
      }
      series.newest = &reading;
      series.last_time = reading.time;
    }
  }
  if (replayed) {
    take(Refused{received.device, Refusal::kReplayed}, now);
  }
}

void SqliteStore::Writer::set_latest(Series& series) {
  const Reading& reading = *std::exchange(series.newest, nullptr);
  series_ = series.id;
  series.unit = unit_ = reading.unit;
  time_ = reading.time;
  value_ = reading.value.value_or(0);
  has_value_ = reading.value ? soci::i_ok : soci::i_null;
  has_text_ = reading.value ? soci::i_null : soci::i_ok;
  text_ = reading.text;
  set_latest_.execute(true);
}

bool SqliteStore::Writer::is_known(const StoredEvent& event) {
  event_ = event;
  error_ = event.error;
  oldest_ = event.time == 0 ? event.received - kSendsAgainWithin : 0;
  find_event_.execute(true);
  return found_ > 0;
}

void SqliteStore::Writer::take(const EventReceived& received, std::int64_t now) {
  if (!is_news(received.device, received.seal, now)) {
    return;
  }
  see(received.device, now);
  if (is_known(to_stored(received, now))) {
    take(Refused{received.device, Refusal::kReplayed}, now);
    return;
  }
  insert_event_.execute(true);
  last_id_.execute(true);
  events.push_back(event_);
  enter_visit(session_, event_);
  follow(event_);
}

void SqliteStore::Writer::follow(const StoredEvent& event) {
  const bool tells_version = event.kind == name(EventKind::kStarted) || event.kind == name(EventKind::kConfirmed) ||
                             event.kind == name(EventKind::kReverted);
  if (tells_version && !event.version.empty()) {
    execute(session_,
            Sql("INSERT INTO version_changes (device, time, version) SELECT id, ?, ? FROM devices WHERE id = ? "
                "AND version <> ?",
                event.received, event.version, event.device, event.version));
    set_version_.execute(true);
  }
  if (event.kind == name(EventKind::kJump) || event.kind == name(EventKind::kReset)) {
    set_online(event.device, false);  // it leaves in good order, so no will tells
  }
}

void SqliteStore::Writer::set_online(const std::string& device, bool online) {
  device_ = device;
  online_ = online ? 1 : 0;
  set_online_.execute(true);
}

void SqliteStore::Writer::take(const StatusReceived& received, std::int64_t now) {
  see(received.device, now);
  set_online(received.device, received.online);
}

void SqliteStore::Writer::take(const Refused& refused, std::int64_t now) {
  if (!is_news(refused.device, refused.seal, now)) {
    return;
  }
  if (!refused.device.empty()) {
    see(refused.device, now);
  }
  device_ = refused.device;
  now_ = now;
  reason_ = name(refused.refusal);
  count_refusal_.execute(true);
}

void SqliteStore::Writer::finish() {
  for (Series* series : touched_) {
    set_latest(*series);
  }
  touched_.clear();
  seen_.clear();
  constexpr std::size_t kMostKnown = 1'000'000;
  if (known_.size() > kMostKnown) {
    known_.clear();
  }
  if (added_ > 0) {
    add_readings_.execute(true);
    added_ = 0;
  }
}

}  // namespace ferry::hub
