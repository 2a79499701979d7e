#include "servers/hub/change_writer.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "servers/hub/fleet.h"
#include "servers/hub/outliers.h"
#include "servers/hub/rollout.h"
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

// One that stopped at a row would keep what SQLite showed it, and hold its log, until it runs again.
template <typename Take>
void run_to_its_end(soci::statement& statement, Take take) {
  statement.execute(false);
  while (statement.fetch()) {
    take();
  }
}

}  // namespace

ChangeWriter::ChangeWriter(soci::session& session, std::unique_ptr<RowWriter> rows)
    : session_(session),
      rows_(std::move(rows)),
      find_event_((session.prepare << "SELECT COUNT(*) FROM events WHERE device = :device AND kind = :kind AND "
                                      "time = :time AND error = :error AND sequence = :sequence AND "
                                      "version = :version AND bytes = :bytes AND milliseconds = :milliseconds AND "
                                      "received >= :oldest",
                   into(found_), use(event_.device), use(event_.kind), use(event_.time), use(error_),
                   use(event_.sequence), use(event_.version), use(event_.bytes), use(event_.milliseconds),
                   use(oldest_))),
      insert_event_((session.prepare << "INSERT INTO events (device, kind, time, error, sequence, version, bytes, "
                                        "milliseconds, received) VALUES (:device, :kind, :time, :error, :sequence, "
                                        ":version, :bytes, :milliseconds, :received) RETURNING id",
                     into(event_.id), use(event_.device), use(event_.kind), use(event_.time), use(error_),
                     use(event_.sequence), use(event_.version), use(event_.bytes), use(event_.milliseconds),
                     use(event_.received))),
      set_version_(
          (session.prepare << "UPDATE devices SET version = :version, sequence = CASE WHEN CAST(:known AS BIGINT) > 0 "
                              "THEN :sequence ELSE sequence END WHERE id = :id",
           use(event_.version), use(event_.sequence), use(event_.sequence), use(event_.device))),
      count_refusal_((session.prepare << "INSERT INTO refusals (device, reason, count, last) VALUES (:device, "
                                         ":reason, :times, :now) ON CONFLICT (device, reason) DO UPDATE SET "
                                         "count = refusals.count + excluded.count, last = excluded.last",
                      use(device_), use(reason_), use(times_), use(now_))),
      add_readings_(
          (session.prepare << "UPDATE counters SET value = value + :added WHERE name = 'readings'", use(added_))) {}

// A registry is long and changes little: what is there already is left as it is.
void ChangeWriter::enter(const Registry& registry) {
  std::map<std::string, std::pair<std::string, std::string>> there;
  for (auto& [id, serial, product] :
       select<std::string, std::string, std::string>(session_, Sql("SELECT id, serial, product FROM devices"))) {
    there[id] = {serial, product};
  }
  std::int64_t entered = 0;
  for (const auto& [id, account] : registry.accounts()) {
    const auto found = there.find(id);
    if (found != there.end() && found->second == std::pair(account.serial, account.product)) {
      continue;
    }
    entered += execute(session_, Sql("INSERT INTO devices (id) VALUES (?) ON CONFLICT (id) DO NOTHING", id));
    execute(session_,
            Sql("UPDATE devices SET serial = ?, product = ? WHERE id = ?", account.serial, account.product, id));
    make_findable(session_, id);
  }
  enter_devices(entered);
  tallies_.enter(session_);
}

void ChangeWriter::enter_devices(std::int64_t entered) {
  tallies_.add(kTallyDevices, "", entered);
  tallies_.add(kTallyVersion, "", entered);
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

// What changes a device's state is entered by one hub at a time. The rows of devices come last of all, and in their
// order: where several hubs write, they wait for each other there.
void ChangeWriter::begin(std::span<const Change> changes) {
  if (std::ranges::any_of(changes, [](const Change& change) {
        return std::holds_alternative<EventReceived>(change) || std::holds_alternative<StatusReceived>(change);
      })) {
    rows_->take_turns();
  }
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

Series& ChangeWriter::series_of(const std::string& device, SeriesOfDevice& known, const Reading& reading) {
  const auto [found, is_new] = known.try_emplace(reading.name);
  Series& series = found->second;
  if (is_new) {
    series.device = device;
    series.name = reading.name;
    series.unit = reading.unit;
    ++known_series_;
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
  SeriesOfDevice& known = known_[received.device];
  for (const Reading& given : received.readings) {
    const Reading& reading = mended(given);
    readings_.push_back({.series = &series_of(received.device, known, reading), .reading = &reading});
  }
  packs_.emplace_back(&received.device, readings_.size());
}

bool ChangeWriter::is_known(const StoredEvent& event) {
  event_ = event;
  error_ = event.error;
  oldest_ = event.time == 0 ? event.received - kSendsAgainWithin : 0;
  run_to_its_end(find_event_, [] {});
  return found_ > 0;
}

void ChangeWriter::take(const EventReceived& received) {
  heard_.insert(received.device);
  if (is_known(to_stored(received, now_))) {
    take(Refused{received.device, Refusal::kReplayed});
    return;
  }
  insert(event_);
}

void ChangeWriter::insert(StoredEvent event) {
  run_to_its_end(insert_event_, [&] { event.id = event_.id; });
  tallies_.add(kTallyEvents, "", 1);
  enter_visit(session_, event);
  follow(event);
  events_.push_back(std::move(event));
}

// As it is, or as this batch will leave it.
std::string ChangeWriter::version_of(const std::string& device) {
  if (const auto set = versions_.find(device); set != versions_.end()) {
    return set->second.version;
  }
  const auto row = select_one<std::string>(session_, Sql("SELECT version FROM devices WHERE id = ?", device));
  return row ? std::get<0>(*row) : "";
}

void ChangeWriter::set_version(const StoredEvent& event) {
  const std::string before = version_of(event.device);
  if (before != event.version) {
    execute(session_, Sql("INSERT INTO version_changes (device, time, version) VALUES (?, ?, ?)", event.device,
                          event.received, event.version));
    count_version(session_, before, event.version, event.received);
    tallies_.add(kTallyVersion, before, -1);
    tallies_.add(kTallyVersion, event.version, 1);
  }
  const std::int64_t sequence = versions_[event.device].sequence;
  versions_[event.device] = event;
  if (event.sequence == 0) {
    versions_[event.device].sequence = sequence;
  }
}

void ChangeWriter::follow(const StoredEvent& event) {
  const bool tells_version = event.kind == name(EventKind::kStarted) || event.kind == name(EventKind::kConfirmed) ||
                             event.kind == name(EventKind::kReverted);
  if (tells_version && !event.version.empty()) {
    set_version(event);
  }
  // It leaves in good order, so no will tells. What it kept while it was away comes after its login, the jump as well
  // where that was not acknowledged in time.
  online_[event.device] = event.kind != name(EventKind::kJump);
}

void ChangeWriter::take(const StatusReceived& received) {
  heard_.insert(received.device);
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
  judge_newest(session_, touched_, now_);
  for (Series* series : touched_) {
    series->unit = series->newest->unit;
    series->newest = nullptr;
  }
  enter_devices(rows_->see({heard_.begin(), heard_.end()}, now_));
  for (const auto& [device, event] : versions_) {
    event_ = event;
    set_version_.execute(true);
  }
  tallies_.add(kTallyOnline, "", rows_->set_online(online_));
  count();
  tallies_.enter(session_);
  readings_.clear();
  packs_.clear();
  mended_.clear();
  touched_.clear();
  heard_.clear();
  versions_.clear();
  replayed_.clear();
  online_.clear();
  refused_.clear();
  constexpr std::size_t kMostKnown = 200'000;
  if (known_series_ > kMostKnown) {
    known_.clear();
    known_series_ = 0;
  }
}

void ChangeWriter::insert_readings() {
  for (const Series* entered : rows_->find(std::exchange(unknown_, {}))) {
    tallies_.add(kTallyReading, entered->name, 1);
  }
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
  if (series.recent && row.reading->value) {
    series.recent->add(*row.reading->value);
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

void ChangeWriter::count() {
  for (const auto& [which, times] : refused_) {
    std::tie(device_, reason_) = which;
    times_ = times;
    count_refusal_.execute(true);
    tallies_.add(kTallyRefused, reason_, times_);
  }
  if (added_ > 0) {
    add_readings_.execute(true);
    added_ = 0;
  }
}

}  // namespace ferry::hub
