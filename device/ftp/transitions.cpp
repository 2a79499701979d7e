#include "device/ftp/transitions.h"

#include <iterator>

namespace ferry::ftp {

namespace {

using enum Step;
using enum Guard;
using enum Effect;

constexpr Transition on(Step step, std::uint16_t from, std::uint16_t to, Guard guard, Step next, Effect effect = kNone,
                        Error error = kGivenError) {
  Transition row{};
  row.from = from & 0x3FFU;
  row.to = to & 0x3FFU;
  row.step = step;
  row.next = next;
  row.error = error;
  row.guard = guard;
  row.effect = effect;
  return row;
}
constexpr Transition on(Step step, std::uint16_t code, Guard guard, Step next, Effect effect = kNone,
                        Error error = kGivenError) {
  return on(step, code, code, guard, next, effect, error);
}
constexpr Transition on(Step step, Signal signal, Guard guard, Step next, Effect effect = kNone,
                        Error error = kGivenError) {
  return on(step, static_cast<std::uint16_t>(signal), guard, next, effect, error);
}

template <std::size_t kSize>
constexpr StepInfo step(Step step, Timer timer, bool holds_control, bool holds_data, const char (&command)[kSize]) {
  return {step, timer, holds_control, holds_data, kSize - 1, command};
}

// clang-format off
constexpr Transition kTransitions[] = {
    // Over. A failed visit stays failed.
    on(kIdle,   Signal::kConnect, kAlways, kConnecting),
    on(kIdle,   1, 599, kAlways, kIdle),
    on(kFailed, 1, 599, kAlways, kFailed),

    // 421 and a lost control connection may come at any time; where data may still be whole, it is read to its end.
    on(kQuit,      1, 599,          kAlways, kIdle, kSucceed),
    on(kReceiving, 421,             kAlways, kOrphaned, kNote, Error::kFtpBusy),
    on(kReceiving, Signal::kLost,   kAlways, kOrphaned, kNote),
    on(kDraining,  421,             kAlways, kOrphaned, kNote, Error::kFtpBusy),
    on(kDraining,  Signal::kLost,   kAlways, kOrphaned, kNote),
    on(kReceived,  421,             kWhole,  kFailed, kSucceed),
    on(kReceived,  Signal::kLost,   kWhole,  kFailed, kSucceed),
    on(kReceived,  Signal::kTimedOut, kWhole, kFailed, kSucceed),
    on(kAborting,  421,             kAlways, kFailed, kFailNoted),
    on(kAborting,  Signal::kLost,   kAlways, kFailed, kFailNoted),
    on(kAborting,  Signal::kTimedOut, kAlways, kFailed, kFailNoted),
    on(kReady,     421,             kAlways, kFailed),
    on(kReady,     Signal::kLost,   kAlways, kFailed),
    on(kAny,       421,             kAlways, kFailed, kFail, Error::kFtpBusy),
    on(kAny,       Signal::kTooEarly, kAlways, kFailed, kFail, Error::kFtpUnexpectedReply),

    // Log in.
    on(kConnecting, Signal::kConnected, kAlways, kGreeting),
    on(kGreeting, 120,      kAlways, kGreeting),
    on(kGreeting, 200, 299, kAlways, kUser),
    on(kGreeting, 400, 599, kAlways, kFailed, kFail, Error::kFtpBusy),
    on(kUser,     331,      kAlways, kPass),
    on(kUser,     202,      kAlways, kType),
    on(kUser,     230, 239, kAlways, kType),
    on(kUser,     332,      kAlways, kFailed, kFail, Error::kFtpLoginRefused),
    on(kUser,     400, 499, kAlways, kFailed, kFail, Error::kFtpBusy),
    on(kUser,     500, 599, kAlways, kFailed, kFail, Error::kFtpLoginRefused),
    on(kPass,     202,      kAlways, kType),
    on(kPass,     230, 239, kAlways, kType),
    on(kPass,     332,      kAlways, kFailed, kFail, Error::kFtpLoginRefused),
    on(kPass,     400, 499, kAlways, kFailed, kFail, Error::kFtpBusy),
    on(kPass,     500, 599, kAlways, kFailed, kFail, Error::kFtpLoginRefused),
    on(kType,     200, 299, kAlways, kReady, kSucceed),
    on(kType,     400, 599, kAlways, kFailed, kFail, Error::kFtpRefused),

    // Requests.
    on(kReady, Signal::kGetSize,  kAlways,    kSize),
    on(kReady, Signal::kTransfer, kEpsvWorks, kEpsv),
    on(kReady, Signal::kTransfer, kAlways,    kPasv),
    on(kReady, Signal::kLeave,    kAlways,    kQuit),
    on(kSize, 213,      kAlways, kReady, kTakeSize),
    on(kSize, 550,      kAlways, kReady, kFail, Error::kFtpFileUnavailable),
    on(kSize, 400, 599, kAlways, kReady, kFail, Error::kFtpRefused),

    // A data connection: EPSV first, PASV where that fails in any way.
    on(kEpsv, 229,      kAlways, kDataConnecting, kTakeEpsvPort),
    on(kEpsv, 400, 599, kAlways, kPasv, kForgetEpsv),
    on(kPasv, 227,      kAlways, kDataConnecting, kTakePasvPort),
    on(kPasv, 400, 599, kAlways, kReady, kFail, Error::kFtpNoDataConnection),
    on(kDataConnecting, Signal::kDataLost, kUsedEpsv, kPasv, kForgetEpsv),
    on(kDataConnecting, Signal::kTimedOut, kUsedEpsv, kPasv, kForgetEpsv),
    on(kDataConnecting, Signal::kDataLost, kAlways, kReady, kFail, Error::kFtpNoDataConnection),
    on(kDataConnecting, Signal::kTimedOut, kAlways, kReady, kFail, Error::kFtpNoDataConnection),
    on(kDataConnecting, Signal::kDataConnected, kStoring,   kStor),
    on(kDataConnecting, Signal::kDataConnected, kAppending, kAppe),
    on(kDataConnecting, Signal::kDataConnected, kResuming,  kRest),
    on(kDataConnecting, Signal::kDataConnected, kAlways,    kRetr),
    on(kRest, 350,      kAlways, kRetr),
    on(kRest, 400, 599, kAlways, kRetr, kForgetRest),

    // Retrieve. The final reply and the end of data come in either order, and neither is believed alone.
    on(kRetr, 100, 199, kAlways, kReceiving),
    on(kRetr, 200, 299, kAlways, kDraining),
    on(kRetr, 425,      kUsedEpsv, kReady, kFailEpsv, Error::kFtpNoDataConnection),
    on(kRetr, 425,      kAlways, kReady, kFail, Error::kFtpNoDataConnection),
    on(kRetr, 554,      kResumingBlind, kReady, kSucceed),
    on(kRetr, 554,      kResuming, kReady, kFailRest, Error::kFtpRefused),
    on(kRetr, 530,      kAlways, kReady, kFail, Error::kFtpLoginRefused),
    on(kRetr, 550,      kAlways, kReady, kFail, Error::kFtpFileUnavailable),
    on(kRetr, 400, 599, kAlways, kReady, kFail, Error::kFtpRefused),

    on(kReceiving, 100, 199, kAlways, kReceiving),
    on(kReceiving, 200, 299, kAlways, kDraining),
    on(kReceiving, 400, 599, kAlways, kDraining, kNoteRefusal),
    on(kReceiving, Signal::kDataEnded,  kAlways,   kReceived),
    on(kReceiving, Signal::kDataLost,   kAlways,   kReceived, kNoteRefusal),
    on(kReceiving, Signal::kOverflow,   kResuming, kAborting, kNoteRest, Error::kFtpSizeMismatch),
    on(kReceiving, Signal::kOverflow,   kAlways,   kAborting, kNote, Error::kFtpTooMuchData),
    on(kReceiving, Signal::kSinkFailed, kAlways,   kAborting, kNote),
    on(kReceiving, Signal::kTimedOut,   kWhole,    kReceived),

    on(kDraining, Signal::kDataEnded,  kNothingMissing, kReady, kSucceed),
    on(kDraining, Signal::kDataEnded,  kAlways,   kReady, kFail, Error::kFtpTransferIncomplete),
    on(kDraining, Signal::kDataLost,   kWhole,    kReady, kSucceed),
    on(kDraining, Signal::kDataLost,   kAlways,   kReady, kFail, Error::kFtpTransferIncomplete),
    on(kDraining, Signal::kOverflow,   kResuming, kReady, kFailRest, Error::kFtpSizeMismatch),
    on(kDraining, Signal::kOverflow,   kAlways,   kReady, kFail, Error::kFtpTooMuchData),
    on(kDraining, Signal::kSinkFailed, kAlways,   kReady, kFail),
    on(kDraining, Signal::kTimedOut,   kWhole,    kReady, kSucceed),
    on(kDraining, Signal::kTimedOut,   kAlways,   kReady, kFail, Error::kTimedOut),

    on(kReceived, 100, 199, kAlways, kReceived),
    on(kReceived, 200, 299, kNothingMissing, kReady, kSucceed),
    on(kReceived, 200, 299, kAlways, kReady, kFail, Error::kFtpTransferIncomplete),
    on(kReceived, 400, 599, kWhole,  kReady, kSucceed),
    on(kReceived, 400, 599, kAlways, kReady, kFail, Error::kFtpTransferIncomplete),

    on(kOrphaned, Signal::kDataEnded,  kWhole,    kFailed, kSucceed),
    on(kOrphaned, Signal::kDataLost,   kWhole,    kFailed, kSucceed),
    on(kOrphaned, Signal::kTimedOut,   kWhole,    kFailed, kSucceed),
    on(kOrphaned, Signal::kDataEnded,  kAlways,   kFailed, kFailNoted),
    on(kOrphaned, Signal::kDataLost,   kAlways,   kFailed, kFailNoted),
    on(kOrphaned, Signal::kTimedOut,   kAlways,   kFailed, kFailNoted),
    on(kOrphaned, Signal::kOverflow,   kResuming, kFailed, kFailRest, Error::kFtpSizeMismatch),
    on(kOrphaned, Signal::kOverflow,   kAlways,   kFailed, kFail, Error::kFtpTooMuchData),
    on(kOrphaned, Signal::kSinkFailed, kAlways,   kFailed, kFail),

    on(kAborting, 100, 199, kAlways, kAborting),
    on(kAborting, 200, 599, kAlways, kReady, kFailNoted),
    on(kAborting, Signal::kSinkFailed, kAlways, kAborting, kNote),

    // Store and append.
    on(kStor, 100, 199, kAlways, kSending),
    on(kStor, 400, 599, kAlways, kReady, kFail, Error::kFtpRefused),
    on(kAppe, 100, 199, kAlways, kSending),
    on(kAppe, 400, 599, kAlways, kReady, kFail, Error::kFtpRefused),
    on(kSending, 100, 199, kAlways, kSending),
    on(kSending, 200, 299, kAlways, kReady, kFail, Error::kFtpTransferIncomplete),
    on(kSending, 400, 599, kAlways, kReady, kFail, Error::kFtpRefused),
    on(kSending, Signal::kDataEnded, kAlways, kSent),
    on(kSending, Signal::kDataLost,  kAlways, kAborting, kNote, Error::kFtpTransferIncomplete),
    on(kSent, 100, 199, kAlways, kSent),
    on(kSent, 200, 299, kAlways, kReady, kSucceed),
    on(kSent, 400, 599, kAlways, kReady, kFail, Error::kFtpRefused),

    // Everything else ends the visit.
    on(kReady, 100, 599,          kAlways, kFailed),
    on(kAny, Signal::kLost,       kAlways, kFailed, kFail),
    on(kAny, Signal::kTimedOut,   kAlways, kFailed, kFail, Error::kTimedOut),
    on(kAny, 100, 599,            kAlways, kFailed, kFail, Error::kFtpUnexpectedReply),
};

constexpr StepInfo kSteps[] = {
    step(kIdle,           Timer::kNone,    false, false, ""),
    step(kConnecting,     Timer::kConnect, true,  false, ""),
    step(kGreeting,       Timer::kReply,   true,  false, ""),
    step(kUser,           Timer::kReply,   true,  false, "USER "),
    step(kPass,           Timer::kReply,   true,  false, "PASS "),
    step(kType,           Timer::kReply,   true,  false, "TYPE I\r\n"),
    step(kReady,          Timer::kNone,    true,  false, ""),
    step(kSize,           Timer::kReply,   true,  false, "SIZE "),
    step(kEpsv,           Timer::kReply,   true,  false, "EPSV\r\n"),
    step(kPasv,           Timer::kReply,   true,  false, "PASV\r\n"),
    step(kDataConnecting, Timer::kConnect, true,  true,  ""),
    step(kRest,           Timer::kReply,   true,  true,  "REST "),
    step(kRetr,           Timer::kReply,   true,  true,  "RETR "),
    step(kReceiving,      Timer::kStall,   true,  true,  ""),
    step(kDraining,       Timer::kStall,   true,  true,  ""),
    step(kReceived,       Timer::kReply,   true,  false, ""),
    step(kOrphaned,       Timer::kStall,   true,  true,  ""),
    step(kAborting,       Timer::kReply,   true,  false, ""),
    step(kStor,           Timer::kReply,   true,  true,  "STOR "),
    step(kAppe,           Timer::kReply,   true,  true,  "APPE "),
    step(kSending,        Timer::kStall,   true,  true,  ""),
    step(kSent,           Timer::kReply,   true,  false, ""),
    step(kQuit,           Timer::kReply,   true,  false, "QUIT\r\n"),
    step(kFailed,         Timer::kNone,    false, false, ""),
};
// clang-format on

constexpr bool steps_are_in_order() {
  for (std::size_t i = 0; i < std::size(kSteps); ++i) {
    if (static_cast<std::size_t>(kSteps[i].step) != i) {
      return false;
    }
  }
  return std::size(kSteps) == static_cast<std::size_t>(kAny);
}
static_assert(steps_are_in_order());

}  // namespace

std::span<const Transition> transitions() {
  return kTransitions;
}

const StepInfo& info(Step step) {
  return kSteps[static_cast<std::size_t>(step)];
}

}  // namespace ferry::ftp
