#include "servers/hub/change_writer.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "servers/hub/rollup.h"
#include "servers/hub/seal_store.h"
#include "servers/hub/sql.h"
#include "servers/hub/utf8.h"
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

const std::string& device_of(const Change& change) {
  return std::visit([](const auto& one) -> const std::string& { return one.device; }, change);
}

// Nothing: it was not sealed.
std::optional<SealNumber> seal_of(const Change& change) {
  return std::visit(
      [](const auto& one) -> std::optional<SealNumber> {
        if constexpr (requires { one.seal; }) {
          return one.seal;
        } else {
          return std::nullopt;
        }
      },
      change);
}

}  // namespace

ChangeWriter::ChangeWriter(soci::session& session, std::unique_ptr<RowWriter> rows)
    : session_(session),
      rows_(std::move(rows)),
      enter_device_((session.prepare << "INSERT INTO devices (id, serial, product) VALUES (:id, :serial, :product) "
                                        "ON CONFLICT (id) DO UPDATE SET serial = excluded.serial, "
                                        "product = excluded.product",
                     use(device_), use(serial_), use(product_))),
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
      set_version_(
          (session.prepare << "UPDATE devices SET version = :version, sequence = CASE WHEN CAST(:known AS BIGINT) > 0 "
                              "THEN :sequence ELSE sequence END WHERE id = :id",
           use(event_.version), use(event_.sequence), use(event_.sequence), use(event_.device))),
      count_refusal_((session.prepare << "INSERT INTO refusals (device, reason, count, last) VALUES (:device, "
                                         ":reason, :times, :now) ON CONFLICT (device, reason) DO UPDATE SET "
                                         "count = refusals.count + excluded.count, last = excluded.last",
                      use(device_), use(reason_), use(times_), use(now_))),
      add_readings_(
          (session.prepare << "UPDATE counters SET value = value + :added WHERE name = 'readings'", use(added_))),
      last_id_((session.prepare << "SELECT MAX(id) FROM events", into(event_.id))) {}

void ChangeWriter::enter(const Account& account) {
  device_ = account.device;
  serial_ = account.serial;
  product_ = account.product;
  enter_device_.execute(true);
}

std::vector<StoredEvent> ChangeWriter::apply(std::span<const Change> changes, std::int64_t now) {
  now_ = now;
  begin(changes);
  for (const Change& change : changes) {
    if (replayed_.contains(&change)) {
      take(Refused{device_of(change), Refusal::kReplayed});
    } else {
      std::visit([&](const auto& one) { take(one); }, change);
    }
  }
  finish();
  return std::exchange(events_, {});
}

// Devices whose state changes come first. Those that only measure come last: where several hubs write, they wait for
// each other at these rows.
void ChangeWriter::begin(std::span<const Change> changes) {
  for (const Change& change : changes) {
    if (const auto* event = std::get_if<EventReceived>(&change)) {
      seen_.insert(event->device);
    } else if (const auto* status = std::get_if<StatusReceived>(&change)) {
      seen_.insert(status->device);
    }
  }
  rows_->see({seen_.begin(), seen_.end()}, now_);
  enter_seals(changes);
}

// In the order of devices, as all rows.
void ChangeWriter::enter_seals(std::span<const Change> changes) {
  std::vector<const Change*> sealed;
  for (const Change& change : changes) {
    if (seal_of(change)) {
      sealed.push_back(&change);
    }
  }
  std::ranges::stable_sort(sealed, {}, [](const Change* change) -> const std::string& { return device_of(*change); });
  for (const Change* change : sealed) {
    if (!enter_seal(session_, device_of(*change), *seal_of(*change))) {
      replayed_.insert(change);
    }
  }
}

Series& ChangeWriter::series_of(const std::string& device, const Reading& reading) {
  const auto [found, is_new] = known_.try_emplace(device + '/' + reading.name);
  Series& series = found->second;
  if (is_new) {
    series.device = device;
    series.name = reading.name;
    series.unit = reading.unit;
    unknown_.push_back(&series);
  }
  return series;
}

// Texts as every database takes them.
const Reading& ChangeWriter::mended(const Reading& reading) {
  if (is_storable(reading.name) && is_storable(reading.unit) && is_storable(reading.text)) {
    return reading;
  }
  mended_.push_back({.name = to_storable(reading.name),
                     .unit = to_storable(reading.unit),
                     .time = reading.time,
                     .value = reading.value,
                     .text = to_storable(reading.text)});
  return mended_.back();
}

void ChangeWriter::take(const ReadingsReceived& received) {
  heard_.insert(received.device);
  for (const Reading& given : received.readings) {
    const Reading& reading = mended(given);
    readings_.push_back({.series = &series_of(received.device, reading), .reading = &reading});
  }
  packs_.emplace_back(&received.device, readings_.size());
}

bool ChangeWriter::is_known(const StoredEvent& event) {
  event_ = event;
  error_ = event.error;
  oldest_ = event.time == 0 ? event.received - kSendsAgainWithin : 0;
  find_event_.execute(true);
  return found_ > 0;
}

void ChangeWriter::take(const EventReceived& received) {
  if (is_known(to_stored(received, now_))) {
    take(Refused{received.device, Refusal::kReplayed});
    return;
  }
  insert_event_.execute(true);
  last_id_.execute(true);
  events_.push_back(event_);
  enter_visit(session_, event_);
  follow(event_);
}

void ChangeWriter::follow(const StoredEvent& event) {
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
    online_[event.device] = false;  // it leaves in good order, so no will tells
  }
}

void ChangeWriter::take(const StatusReceived& received) {
  online_[received.device] = received.online;
}

void ChangeWriter::take(const Refused& refused) {
  if (!refused.device.empty()) {
    heard_.insert(refused.device);
  }
  ++refused_[{refused.device, std::string(name(refused.refusal))}];
}

void ChangeWriter::finish() {
  insert_readings();
  mark_hours();
  rows_->set_latest(touched_);
  for (Series* series : touched_) {
    series->unit = series->newest->unit;
    series->newest = nullptr;
  }
  see_rest();
  rows_->set_online(online_);
  count();
  readings_.clear();
  packs_.clear();
  mended_.clear();
  touched_.clear();
  seen_.clear();
  heard_.clear();
  replayed_.clear();
  online_.clear();
  refused_.clear();
  constexpr std::size_t kMostKnown = 1'000'000;
  if (known_.size() > kMostKnown) {
    known_.clear();
  }
}

void ChangeWriter::insert_readings() {
  rows_->find(std::exchange(unknown_, {}));
  rows_->insert(readings_);
  auto row = readings_.cbegin();
  for (const auto& [device, end] : packs_) {
    bool is_replayed = false;
    for (; row != readings_.cbegin() + static_cast<std::ptrdiff_t>(end); ++row) {
      is_replayed |= !row->is_new;
      note(*row);
    }
    if (is_replayed) {
      take(Refused{*device, Refusal::kReplayed});
    }
  }
}

void ChangeWriter::note(const ReadingRow& row) {
  if (!row.is_new) {
    return;
  }
  ++added_;
  Series& series = *row.series;
  if (row.reading->time < series.last_time) {
    return;
  }
  if (series.newest == nullptr) {
    touched_.push_back(&series);
  }
  series.newest = row.reading;
  series.last_time = row.reading->time;
}

// What is remembered holds until its hour is over: from then on somebody may roll it up and take the mark away.
void ChangeWriter::mark_hours() {
  const std::int64_t running = now_ / kHour;
  std::set<Hour> hours;
  for (const ReadingRow& row : readings_) {
    const Hour hour{row.series->id, static_cast<std::int64_t>(row.reading->time) / kHour};
    if (row.is_new && row.reading->value && !(hour.second >= running && marked_.contains(hour))) {
      hours.insert(hour);
    }
  }
  rows_->mark({hours.begin(), hours.end()}, now_);
  std::erase_if(marked_, [running](const Hour& hour) { return hour.second < running; });
  std::copy_if(hours.begin(), hours.end(), std::inserter(marked_, marked_.end()),
               [running](const Hour& hour) { return hour.second >= running; });
}

void ChangeWriter::see_rest() {
  std::vector<std::string> rest;
  std::set_difference(heard_.begin(), heard_.end(), seen_.begin(), seen_.end(), std::back_inserter(rest));
  rows_->see(rest, now_);
}

void ChangeWriter::count() {
  for (const auto& [which, times] : refused_) {
    std::tie(device_, reason_) = which;
    times_ = times;
    count_refusal_.execute(true);
  }
  if (added_ > 0) {
    add_readings_.execute(true);
    added_ = 0;
  }
}

}  // namespace ferry::hub
