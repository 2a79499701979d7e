#include "ports/nrf52/board.h"

#include "ports/cortexm/startup.h"
#include "ports/nrf52/pins.h"

namespace ferry::nrf52 {
namespace {

constexpr std::uint32_t kTicksPerSecond = 1024;
constexpr std::uint32_t kSlowClockHz = 32768;
constexpr std::uint32_t kCounterMask = 0xFFFFFF;
constexpr std::uint32_t kWatchdogSeconds = 8;
constexpr std::uint32_t kWarningTicks = 10 * kTicksPerSecond;
constexpr std::uint32_t kRandomPatience = 1'000'000;  // reads of a register: some hundred times what a byte takes

std::uint64_t ticks = 0;
std::uint64_t warning_ends = 0;

std::uint64_t ticks_now() {
  const std::uint32_t passed = (word_at(rtc::kCounter) - static_cast<std::uint32_t>(ticks)) & kCounterMask;
  ticks += passed;
  return ticks;
}

Result<std::uint8_t> random_byte() {
  for (std::uint32_t i = 0; i < kRandomPatience; ++i) {
    if (word_at(rng::kReady) != 0) {
      word_at(rng::kReady) = 0;
      return static_cast<std::uint8_t>(word_at(rng::kValue));
    }
  }
  return fail(Error::kIo);
}

}  // namespace

// A fault: the part itself does not know of it at the next start.
extern "C" [[noreturn]] void fault_handler() {
  cortexm::retained().reset_cause = cortexm::kRetainedWatchdog;
  cortexm::reset_system();
}

extern "C" void rtc_handler() {
  clear_event(word_at(rtc::kTick));
}

void Clock::start() {
  word_at(clock::kSlowSource) = clock::kCrystal;
  word_at(clock::kSlowStarted) = 0;
  word_at(clock::kStartSlow) = 1;
  while (word_at(clock::kSlowStarted) == 0) {
  }
  word_at(rtc::kPrescaler) = kSlowClockHz / kTicksPerSecond - 1;  // no effect where the bootloader's still runs
  word_at(rtc::kClear) = 1;
  word_at(rtc::kStart) = 1;
  while (word_at(rtc::kCounter) > 1) {  // both take effect with the slow clock
  }
  ticks = 0;
  word_at(rtc::kInterruptSet) = 1;
  cortexm::enable_interrupt(rtc::kInterrupt);
}

Instant Clock::now() {
  return Instant{Duration(static_cast<std::int64_t>(ticks_now() * 1000 / kTicksPerSecond))};
}

ResetCause Board::reset_cause() {
  const std::uint32_t reason = word_at(power::kResetReason);
  word_at(power::kResetReason) = reason;
  const bool fault = cortexm::retained().reset_cause == cortexm::kRetainedWatchdog;
  cortexm::retained().reset_cause = 0;
  if ((reason & (power::kReasonWatchdog | power::kReasonLockup)) != 0) {
    return ResetCause::kWatchdog;
  }
  if ((reason & power::kReasonSoftware) != 0) {
    return fault ? ResetCause::kWatchdog : ResetCause::kSoftware;
  }
  return ResetCause::kPowerOn;
}

void Board::reset() {
  cortexm::reset_system();
}

void Board::start_watchdog() {
  if (word_at(watchdog::kRunning) == 0) {
    word_at(watchdog::kConfig) = 1;
    word_at(watchdog::kReload) = kWatchdogSeconds * kSlowClockHz - 1;
    word_at(watchdog::kStart) = 1;
  }
}

void Board::feed_watchdog() {
  word_at(watchdog::kFeed) = watchdog::kFeedValue;
}

Status Entropy::fill(ByteSpan bytes) {
  word_at(rng::kConfig) = 1;
  word_at(rng::kReady) = 0;
  word_at(rng::kStart) = 1;
  Status status = ok();
  for (std::uint8_t& byte : bytes) {
    const auto random = random_byte();
    if (!random) {
      status = fail(random.error());
      break;
    }
    byte = *random;
  }
  word_at(rng::kStop) = 1;
  return status;
}

PowerStatus Power::status() {
  word_at(power::kFailConfig) = power::kFailAt2V8;
  const std::uint64_t now = ticks_now();
  if (word_at(power::kFailWarning) != 0) {
    word_at(power::kFailWarning) = 0;
    warning_ends = now + kWarningTicks;
  }
  return {.on_mains = true, .brown_out_warning = now < warning_ends};
}

void PowerLines::set_supply(bool on) {
  make_output(kModuleSupply, on);
}

void PowerLines::press_power_key(bool pressed) {
  make_output(kModulePowerKey, pressed);
}

}  // namespace ferry::nrf52
