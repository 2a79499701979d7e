// The client's half of an FTP visit as constant data: the steps, and what leads from one to the next. The machine that
// walks it is dialogue.h; transitions.md is the same table for people, and a test keeps the two alike.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "device/base/error.h"

namespace ferry::ftp {

enum class Step : std::uint8_t {
  kIdle,
  kConnecting,
  kGreeting,
  kUser,
  kPass,
  kType,
  kReady,
  kSize,
  kEpsv,
  kPasv,
  kDataConnecting,
  kRest,
  kRetr,
  kReceiving,  // data comes; the final reply is not there yet
  kDraining,   // the final reply came first; data is still to be read
  kReceived,   // data has ended; the final reply is awaited
  kOrphaned,   // the control connection is of no use any more; data is still to be read
  kAborting,   // the transfer was broken off; a final reply is awaited
  kStor,
  kAppe,
  kSending,
  kSent,
  kQuit,
  kFailed,
  kAny,  // in a row: every step
};

// What happens besides replies. Numbers below 100, so that a row's range holds either signals or reply codes.
enum class Signal : std::uint16_t {
  kConnect = 1,    // request
  kGetSize = 2,    // request
  kTransfer = 3,   // request: retrieve, store or append
  kLeave = 4,      // request
  kConnected = 5,  // control
  kLost = 6,       // control: closed, refused or reset
  kDataConnected = 7,
  kDataLost = 8,   // refused, reset, or no port to connect to
  kDataEnded = 9,  // the peer's orderly end, or everything sent
  kOverflow = 10,  // more bytes than allowed
  kSinkFailed = 11,
  kTimedOut = 12,
  kTooEarly = 13,  // a reply to a command that was not sent yet
};

enum class Guard : std::uint8_t {
  kAlways,
  kEpsvWorks,  // it has not failed on this visit
  kUsedEpsv,   // for this data connection
  kStoring,
  kAppending,
  kResuming,        // from an offset, by REST
  kResumingBlind,   // the same, and the file's size is not known
  kWhole,           // every byte of a file of known size is there
  kNothingMissing,  // as far as one can know: whole, or size unknown and no sign of failure
};

enum class Effect : std::uint8_t {
  kNone,
  kSucceed,      // the request ends well
  kFail,         // the request ends with the row's error, or the signal's where the row has none
  kFailNoted,    // the request ends with the error noted before
  kNote,         // remember the error (row's or signal's) for the end of the request
  kNoteRefusal,  // the final reply was negative: only counting can tell that the file is whole
  kForgetEpsv,   // for the rest of the visit
  kForgetRest,   // for the rest of the visit; this transfer starts at zero
  kFailEpsv,     // kForgetEpsv and kFail
  kFailRest,     // kForgetRest and kFail
  kNoteRest,     // kForgetRest and kNote
  kTakeEpsvPort,
  kTakePasvPort,
  kTakeSize,
};

inline constexpr Error kGivenError{};  // in a row: the signal's error

struct Transition {         // eight bytes: there are more than a hundred
  std::uint16_t from : 10;  // of the signal or reply code, inclusive
  Step step : 6;
  std::uint16_t to : 10;
  Step next : 6;
  Error error;
  Guard guard;
  Effect effect;
};

enum class Timer : std::uint8_t { kNone, kConnect, kReply, kStall };

struct StepInfo {
  Step step;
  Timer timer;         // what bounds the stay
  bool holds_control;  // entering a step closes the connections that it does not hold
  bool holds_data;
  std::uint8_t length;  // of the command
  const char* characters;
  // What entering the step sends; an argument follows where no line end does.
  [[nodiscard]] std::string_view command() const { return {characters, length}; }
};

// The first row that fits counts.
[[nodiscard]] std::span<const Transition> transitions();
[[nodiscard]] const StepInfo& info(Step step);
// For people: "data connecting".
[[nodiscard]] std::string_view name(Step step);

}  // namespace ferry::ftp
