#include "ports/mps2/board.h"

#include "ports/cortexm/startup.h"
#include "ports/cortexm/system.h"
#include "ports/mps2/registers.h"

namespace ferry::mps2 {

using cortexm::retained;
using cortexm::sys_tick;

namespace {

constexpr std::uint32_t kTicksPerMillisecond = kClockHz / 1000;
constexpr std::uint32_t kWatchdogTicks = 8 * kClockHz;
constexpr std::uint32_t kUnlock = 0x1ACCE551;

volatile std::uint32_t milliseconds = 0;
std::uint32_t milliseconds_seen = 0;
std::uint32_t wraps = 0;

}  // namespace

extern "C" void sys_tick_handler() {
  milliseconds = milliseconds + 1;
}

// A fault or the watchdog's first bite: the next start says so.
extern "C" [[noreturn]] void fault_handler() {
  retained().reset_cause = cortexm::kRetainedWatchdog;
  cortexm::reset_system();
}

void Clock::start() {
  sys_tick().reload = kTicksPerMillisecond - 1;
  sys_tick().value = 0;
  sys_tick().control = 7;
}

Instant Clock::now() {
  const std::uint32_t seen = milliseconds;
  wraps += seen < milliseconds_seen ? 1 : 0;
  milliseconds_seen = seen;
  return Instant{Duration((std::int64_t{wraps} << 32) | seen)};
}

ResetCause Board::reset_cause() {
  const std::uint32_t cause = retained().reset_cause;
  retained().reset_cause = 0;
  switch (cause) {
    case cortexm::kRetainedSoftware:
      return ResetCause::kSoftware;
    case cortexm::kRetainedWatchdog:
      return ResetCause::kWatchdog;
    default:
      return ResetCause::kPowerOn;
  }
}

void Board::reset() {
  retained().reset_cause = cortexm::kRetainedSoftware;
  cortexm::reset_system();
}

void Board::start_watchdog() {
  watchdog_lock() = kUnlock;
  watchdog().load = kWatchdogTicks;
  watchdog().control = 3;
}

void Board::feed_watchdog() {
  watchdog_lock() = kUnlock;
  watchdog().clear = 1;
}

Status Entropy::fill(ByteSpan bytes) {
  crypto::Sha256 hash;
  while (!bytes.empty()) {
    std::array<std::uint8_t, 8> moment{};
    store_le32(moment, sys_tick().value);
    store_le32(ByteSpan(moment).subspan(4), milliseconds);
    FERRY_TRY(hash.restart());
    FERRY_TRY(hash.update(state_));
    FERRY_TRY(hash.update(personal_));
    FERRY_TRY(hash.update(moment));
    FERRY_TRY_ASSIGN(state_, hash.finish());
    bytes = bytes.subspan(copy(ByteView(state_).first(16), bytes));
  }
  return ok();
}

}  // namespace ferry::mps2
