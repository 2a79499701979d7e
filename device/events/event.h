// What a device tells the business server about its upgrades, one small CBOR message each. spec/events.md.
#pragma once

#include "device/base/time.h"
#include "device/suit/version.h"

namespace ferry {

enum class EventKind : std::uint8_t {  // stable numbers
  kStarted = 1,                        // the application started (after any reset)
  kWindow = 2,                         // the upgrade moment has come
  kJump = 3,                           // left the business server for the FTP server
  kRefused = 4,                        // manifest refused; `error` says why
  kNothingNewer = 5,
  kDownloading = 6,  // accepted, payloads begin
  kDownloaded = 7,
  kBurnt = 8,
  kReset = 9,   // about to reset into the new image
  kTrial = 10,  // the new image started on trial
  kConfirmed = 11,
  kReverted = 12,  // `error` says why
  kFailed = 13,    // the visit ended without a decision; will be tried again; `error` says why
  kStale = 14,     // the repository serves a manifest older than settings allow
  kWarning = 15,   // went on all the same; `error` says what was wrong
};
[[nodiscard]] std::string_view name(EventKind kind);  // "started", "nothing_newer", ...

struct Event {
  EventKind kind = EventKind::kStarted;
  std::int64_t time = 0;           // UTC seconds; 0 = not known
  Error error{};                   // 0 = none
  std::uint64_t sequence = 0;      // of the manifest concerned; 0 = none
  suit::Version version;           // running (kStarted, kConfirmed, kReverted) or offered; count 0 = none
  std::uint64_t bytes = 0;         // over the air in this visit so far, both directions
  std::uint32_t milliseconds = 0;  // since the visit began
};

inline constexpr std::size_t kMaxEventSize = 96;
// A field that holds its default is left out. Errors: kNoSpace (never with kMaxEventSize bytes).
[[nodiscard]] Result<ByteView> encode(const Event& event, ByteSpan buffer);
// Members that a newer device may add are passed over. Errors: kCbor*, kOutOfRange (a kind that is not listed, or a
// number past its type).
[[nodiscard]] Result<Event> decode_event(ByteView bytes);

}  // namespace ferry
