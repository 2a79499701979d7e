#include "servers/hub/visit.h"

#include <algorithm>
#include <array>

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

struct Visit {
  std::int64_t id = 0;
  std::int64_t reached = 0;
};

std::optional<Visit> open_visit(soci::session& sql, const std::string& device) {
  const auto row = select_one<std::int64_t, std::int64_t>(
      sql, Sql("SELECT id, reached FROM visits WHERE device = ? AND ended IS NULL ORDER BY id DESC LIMIT 1", device));
  return row ? std::optional(Visit{std::get<0>(*row), std::get<1>(*row)}) : std::nullopt;
}

// A window or a jump after anything but a window begins anew: the visit before ended without a word.
bool begins_anew(EventKind kind, const Visit& open) {
  return kind == EventKind::kWindow ||
         (kind == EventKind::kJump && (open.reached & ~reached_bit(EventKind::kWindow)) != 0);
}

std::int64_t begin(soci::session& sql, const StoredEvent& event) {
  execute(sql, Sql("INSERT INTO visits (device, started) VALUES (?, ?)", event.device, event.received));
  return count(sql, Sql("SELECT MAX(id) FROM visits WHERE device = ?", event.device));
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
    execute(sql, Sql("UPDATE visits SET ended = ?, outcome = 'failed' WHERE id = ?", event.received, open->id));
    open.reset();
  }
  if (!open && !is_one_of(*kind, kOfAVisit)) {
    return;
  }
  const std::int64_t visit = open ? open->id : begin(sql, event);
  execute(sql, Sql("UPDATE events SET visit = ? WHERE id = ?", visit, event.id));
  execute(sql, Sql("UPDATE visits SET reached = reached | ?, bytes = CASE WHEN bytes < ? THEN ? ELSE bytes END, "
                   "milliseconds = CASE WHEN milliseconds < ? THEN ? ELSE milliseconds END WHERE id = ?",
                   reached_bit(*kind), event.bytes, event.bytes, event.milliseconds, event.milliseconds, visit));
  if (is_one_of(*kind, kOffers) && !event.version.empty()) {
    execute(sql, Sql("UPDATE visits SET version = ?, sequence = ? WHERE id = ? AND version = ''", event.version,
                     event.sequence, visit));
  }
  if (is_one_of(*kind, kEnds)) {
    execute(sql, Sql("UPDATE visits SET ended = ?, outcome = ?, error = ? WHERE id = ?", event.received, event.kind,
                     static_cast<std::int64_t>(event.error), visit));
  }
}

}  // namespace ferry::hub
