#include "ports/mps2/board.h"

#include "ports/mps2/registers.h"
#include "ports/mps2/startup.h"

namespace ferry::mps2 {
namespace {

constexpr std::uint32_t kTicksPerMillisecond = kClockHz / 1000;
constexpr std::uint32_t kWatchdogTicks = 8 * kClockHz;
constexpr std::uint32_t kUnlock = 0x1ACCE551;
constexpr std::uint32_t kResetRequest = 0x05FA0004;

volatile std::uint32_t milliseconds = 0;
std::uint32_t milliseconds_seen = 0;
std::uint32_t wraps = 0;

}  // namespace

extern "C" void sys_tick_handler() {
  milliseconds = milliseconds + 1;
}

// A fault or the watchdog's first bite: the next start says so.
extern "C" [[noreturn]] void fault_handler() {
  retained().reset_cause = kRetainedWatchdog;
  application_interrupt_and_reset() = kResetRequest;
  for (;;) {
  }
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

std::optional<WallTime> Clock::wall_time() {
  if (!at_start_) {
    return std::nullopt;
  }
  return *at_start_ + std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch());
}

void Clock::set_wall_time(WallTime time) {
  at_start_ = time - std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch());
}

ResetCause Board::reset_cause() {
  const std::uint32_t cause = retained().reset_cause;
  retained().reset_cause = 0;
  switch (cause) {
    case kRetainedSoftware:
      return ResetCause::kSoftware;
    case kRetainedWatchdog:
      return ResetCause::kWatchdog;
    default:
      return ResetCause::kPowerOn;
  }
}

void Board::reset() {
  retained().reset_cause = kRetainedSoftware;
  application_interrupt_and_reset() = kResetRequest;
  for (;;) {
  }
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

Result<std::size_t> RetainedRecord::load(ByteSpan record) {
  const Retained& kept = retained();
  const ByteView bytes = ByteView(kept.record).first(std::min<std::size_t>(kept.record_size, kept.record.size()));
  if (kept.record_check != ~crc32(bytes)) {
    return std::size_t{0};
  }
  return copy(bytes, record);
}

Status RetainedRecord::store(ByteView record) {
  Retained& kept = retained();
  kept.record_size = static_cast<std::uint32_t>(copy(record, kept.record));
  kept.record_check = ~crc32(ByteView(kept.record).first(kept.record_size));
  return kept.record_size == record.size() ? ok() : Status(fail(Error::kIo));
}

void wait_for_interrupt() {
  asm volatile("wfi");
}

}  // namespace ferry::mps2
