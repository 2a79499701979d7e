#include "servers/hub/visit.h"

#include <algorithm>
#include <array>

#include "servers/hub/rollout.h"
#include "servers/hub/sql.h"

namespace ferry::hub {
namespace {

constexpr std::array kOfAVisit = {EventKind::kWindow,       EventKind::kJump,        EventKind::kRefused,
                                  EventKind::kNothingNewer, EventKind::kDownloading, EventKind::kDownloaded,
                                  EventKind::kBurnt,        EventKind::kReset,       EventKind::kTrial,
                                  EventKind::kConfirmed,    EventKind::kReverted,    EventKind::kFailed};
constexpr std::array kEnds = {EventKind::kRefused, EventKind::kNothingNewer, EventKind::kConfirmed,
                              EventKind::kReverted, EventKind::kFailed};
// These name the version that is offered.
constexpr std::array kOffers = {EventKind::kRefused, EventKind::kDownloading, EventKind::kDownloaded, EventKind::kBurnt,
                                EventKind::kReset,   EventKind::kTrial,       EventKind::kConfirmed};

template <typename Kinds>
bool is_one_of(EventKind kind, const Kinds& kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

// The newest one, where it goes on.
std::optional<Visit> open_visit(soci::session& sql, const std::string& device) {
  auto newest = visits(sql, device, "", 1);
  return newest.empty() || newest.front().ended ? std::nullopt : std::optional(std::move(newest.front()));
}

// A window or a jump after anything but a window begins anew: the visit before ended without a word.
bool begins_anew(EventKind kind, const Visit& open) {
  return kind == EventKind::kWindow ||
         (kind == EventKind::kJump && (open.reached & ~reached_bit(EventKind::kWindow)) != 0);
}

Visit begin(soci::session& sql, const StoredEvent& event) {
  Visit visit{.device = event.device, .started = event.received};
  visit.id =
      count(sql, Sql("INSERT INTO visits (device, started) VALUES (?, ?) RETURNING id", event.device, event.received));
  count_begin(sql, visit);
  return visit;
}

void save(soci::session& sql, const Visit& before, const Visit& after, std::int64_t now) {
  execute(sql,
          Sql("UPDATE visits SET reached = ?, bytes = ?, milliseconds = ?, version = ?, sequence = ?, outcome = ?, "
              "error = ? WHERE id = ?",
              after.reached, after.bytes, after.milliseconds, after.version, after.sequence, after.outcome,
              static_cast<std::int64_t>(after.error), after.id));
  if (after.ended) {
    execute(sql, Sql("UPDATE visits SET ended = ? WHERE id = ?", *after.ended, after.id));
  }
  count_step(sql, before, after, now);
}

void end_unheard(soci::session& sql, const Visit& open, std::int64_t now) {
  Visit ended = open;
  ended.ended = now;
  ended.outcome = name(EventKind::kFailed);
  save(sql, open, ended, now);
}

void follow(Visit& visit, EventKind kind, const StoredEvent& event) {
  visit.reached |= reached_bit(kind);
  visit.bytes = std::max(visit.bytes, event.bytes);
  visit.milliseconds = std::max(visit.milliseconds, event.milliseconds);
  if (is_one_of(kind, kOffers) && visit.version.empty()) {
    visit.version = event.version;
    visit.sequence = event.version.empty() ? visit.sequence : event.sequence;
  }
  if (is_one_of(kind, kEnds)) {
    visit.ended = event.received;
    visit.outcome = event.kind;
    visit.error = event.error;
  }
}

}  // namespace

std::optional<EventKind> parse_event_kind(std::string_view text) {
  for (auto number = static_cast<std::uint8_t>(EventKind::kStarted);
       number <= static_cast<std::uint8_t>(EventKind::kWarning); ++number) {
    if (name(static_cast<EventKind>(number)) == text) {
      return static_cast<EventKind>(number);
    }
  }
  return std::nullopt;
}

void enter_visit(soci::session& sql, const StoredEvent& event) {
  const auto kind = parse_event_kind(event.kind);
  if (!kind) {
    return;
  }
  auto open = open_visit(sql, event.device);
  if (open && begins_anew(*kind, *open)) {
    end_unheard(sql, *open, event.received);
    open.reset();
  }
  if (!open && !is_one_of(*kind, kOfAVisit)) {
    return;
  }
  const Visit before = open ? *open : begin(sql, event);
  execute(sql, Sql("UPDATE events SET visit = ? WHERE id = ?", before.id, event.id));
  Visit after = before;
  follow(after, *kind, event);
  save(sql, before, after, event.received);
}

std::vector<Visit> visits(soci::session& sql, const std::string& device, const std::string& version,
                          std::size_t limit) {
  using Number = std::int64_t;
  using Text = std::string;
  Sql query(
      "SELECT id, device, started, ended, version, sequence, outcome, error, reached, bytes, milliseconds FROM "
      "visits WHERE 1 = 1");
  if (!device.empty()) {
    query.add(" AND device = ?", device);
  }
  if (!version.empty()) {
    query.add(" AND version = ?", version);
  }
  std::vector<Visit> all;
  for_each_row<Number, Text, Number, std::optional<Number>, Text, Number, Text, Number, Number, Number, Number>(
      sql, query.add(" ORDER BY id DESC LIMIT ?", limit),
      [&all](Number id, const Text& of, Number started, std::optional<Number> ended, const Text& offered,
             Number sequence, const Text& outcome, Number error, Number reached, Number bytes, Number milliseconds) {
        all.push_back({id, of, started, ended, offered, sequence, outcome, static_cast<std::uint16_t>(error), reached,
                       bytes, milliseconds});
      });
  return all;
}

std::map<std::int64_t, std::vector<StoredEvent>> events_of_visits(soci::session& sql, const std::string& device,
                                                                  std::size_t limit) {
  using Number = std::int64_t;
  std::map<std::int64_t, std::vector<StoredEvent>> all;
  for_each_row<Number, Number, std::string, Number, Number, Number, Number>(
      sql,
      Sql("SELECT visit, id, kind, received, error, bytes, milliseconds FROM events WHERE visit IN (SELECT id FROM "
          "visits WHERE device = ? ORDER BY id DESC LIMIT ?) ORDER BY id",
          device, limit),
      [&all](Number visit, Number id, const std::string& kind, Number received, Number error, Number bytes,
             Number milliseconds) {
        all[visit].push_back({.id = id,
                              .kind = kind,
                              .error = static_cast<std::uint16_t>(error),
                              .bytes = bytes,
                              .milliseconds = milliseconds,
                              .received = received});
      });
  return all;
}

}  // namespace ferry::hub
