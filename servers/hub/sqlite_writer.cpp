#include "servers/hub/sqlite_writer.h"

#include <array>

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
    : enter_device_((session.prepare << "INSERT INTO devices (id, serial, product) VALUES (:id, :serial, :product) "
                                        "ON CONFLICT (id) DO UPDATE SET serial = excluded.serial, "
                                        "product = excluded.product",
                     use(device_), use(serial_), use(product_))),
      see_device_((session.prepare << "INSERT INTO devices (id, first_seen, last_seen) VALUES (:id, :first, :last) "
                                      "ON CONFLICT (id) DO UPDATE SET last_seen = excluded.last_seen, "
                                      "first_seen = COALESCE(devices.first_seen, excluded.first_seen)",
                   use(device_), use(now_), use(now_))),
      insert_reading_((session.prepare << "INSERT INTO readings (device, name, time, unit, value, text) VALUES "
                                          "(:device, :name, :time, :unit, :value, :text) ON CONFLICT DO NOTHING",
                       use(device_), use(reading_.name), use(reading_.time), use(reading_.unit),
                       use(value_, has_value_), use(reading_.text))),
      set_latest_((session.prepare << "INSERT INTO latest (device, name, time, unit, value, text) VALUES "
                                      "(:device, :name, :time, :unit, :value, :text) ON CONFLICT (device, name) DO "
                                      "UPDATE SET time = excluded.time, unit = excluded.unit, value = excluded.value, "
                                      "text = excluded.text WHERE excluded.time >= latest.time",
                   use(device_), use(reading_.name), use(reading_.time), use(reading_.unit), use(value_, has_value_),
                   use(reading_.text))),
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

bool SqliteStore::Writer::insert(const std::string& device, const Reading& reading) {
  device_ = device;
  reading_ = reading;
  value_ = reading.value.value_or(0);
  has_value_ = reading.value ? soci::i_ok : soci::i_null;
  insert_reading_.execute(true);
  return insert_reading_.get_affected_rows() > 0;
}

void SqliteStore::Writer::take(const ReadingsReceived& received, std::int64_t now) {
  see(received.device, now);
  bool replayed = false;
  for (const Reading& reading : received.readings) {
    if (!insert(received.device, reading)) {
      replayed = true;
      continue;
    }
    ++added_;
    set_latest_.execute(true);
  }
  if (replayed) {
    take(Refused{received.device, Refusal::kReplayed}, now);
  }
}

bool SqliteStore::Writer::is_known(const StoredEvent& event) {
  event_ = event;
  error_ = event.error;
  oldest_ = event.time == 0 ? event.received - kSendsAgainWithin : 0;
  find_event_.execute(true);
  return found_ > 0;
}

void SqliteStore::Writer::take(const EventReceived& received, std::int64_t now) {
  see(received.device, now);
  if (is_known(to_stored(received, now))) {
    take(Refused{received.device, Refusal::kReplayed}, now);
    return;
  }
  insert_event_.execute(true);
  last_id_.execute(true);
  events.push_back(event_);
  follow(event_);
}

void SqliteStore::Writer::follow(const StoredEvent& event) {
  const bool tells_version = event.kind == name(EventKind::kStarted) || event.kind == name(EventKind::kConfirmed) ||
                             event.kind == name(EventKind::kReverted);
  if (tells_version && !event.version.empty()) {
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
  if (!refused.device.empty()) {
    see(refused.device, now);
  }
  device_ = refused.device;
  now_ = now;
  reason_ = name(refused.refusal);
  count_refusal_.execute(true);
}

void SqliteStore::Writer::finish() {
  if (added_ > 0) {
    add_readings_.execute(true);
    added_ = 0;
  }
}

}  // namespace ferry::hub
