// Registers of the nRF52840 that the port uses. Source: Nordic Semiconductor, nRF52840 Product Specification v1.1; the
// chapter stands behind each block. Tasks start by writing 1, events are set to 1 by the part and cleared by writing 0.
#pragma once

#include "ports/cortexm/system.h"

namespace ferry::nrf52 {

using cortexm::word_at;

// Clears an event, and reads it back: the write has arrived before an interrupt's handler ends (6.1.8).
inline void clear_event(volatile std::uint32_t& event) {
  event = 0;
  [[maybe_unused]] const std::uint32_t arrived = event;
}

// 5.3 POWER and 5.4 CLOCK share a base.
namespace power {
inline constexpr std::uint32_t kFailWarning = 0x40000108;  // event POFWARN
inline constexpr std::uint32_t kResetReason = 0x40000400;  // RESETREAS; ones are cleared by writing ones
inline constexpr std::uint32_t kFailConfig = 0x40000510;   // POFCON: bit 0 on, bits 1 to 4 threshold
inline constexpr std::uint32_t kReasonWatchdog = 1U << 1;  // DOG
inline constexpr std::uint32_t kReasonSoftware = 1U << 2;  // SREQ
inline constexpr std::uint32_t kReasonLockup = 1U << 3;    // LOCKUP
inline constexpr std::uint32_t kFailAt2V8 = 15U << 1 | 1;
}  // namespace power

namespace clock {
inline constexpr std::uint32_t kStartSlow = 0x40000008;    // task LFCLKSTART
inline constexpr std::uint32_t kSlowStarted = 0x40000104;  // event LFCLKSTARTED
inline constexpr std::uint32_t kSlowSource = 0x40000518;   // LFCLKSRC
inline constexpr std::uint32_t kCrystal = 1;
}  // namespace clock

// 6.22 RTC, instance 1: 24 bits at 32,768 Hz / (prescaler + 1).
namespace rtc {
inline constexpr std::uint32_t kStart = 0x40011000;
inline constexpr std::uint32_t kClear = 0x40011008;
inline constexpr std::uint32_t kTick = 0x40011100;
inline constexpr std::uint32_t kInterruptSet = 0x40011304;  // bit 0: tick
inline constexpr std::uint32_t kCounter = 0x40011504;
inline constexpr std::uint32_t kPrescaler = 0x40011508;
inline constexpr std::uint32_t kInterrupt = 17;
}  // namespace rtc

// 6.36 WDT
namespace watchdog {
inline constexpr std::uint32_t kStart = 0x40010000;
inline constexpr std::uint32_t kRunning = 0x40010400;  // RUNSTATUS
inline constexpr std::uint32_t kReload = 0x40010504;   // CRV, in ticks of 32,768 Hz
inline constexpr std::uint32_t kConfig = 0x4001050C;   // bit 0: runs in sleep; bit 3: while halted by a debugger
inline constexpr std::uint32_t kFeed = 0x40010600;     // RR[0], the one that is enabled after a reset
inline constexpr std::uint32_t kFeedValue = 0x6E524635;
}  // namespace watchdog

// 6.19 RNG
namespace rng {
inline constexpr std::uint32_t kStart = 0x4000D000;
inline constexpr std::uint32_t kStop = 0x4000D004;
inline constexpr std::uint32_t kReady = 0x4000D100;   // event VALRDY
inline constexpr std::uint32_t kConfig = 0x4000D504;  // bit 0: bias correction
inline constexpr std::uint32_t kValue = 0x4000D508;
}  // namespace rng

// 4.3 NVMC
namespace nvmc {
inline constexpr std::uint32_t kReady = 0x4001E400;
inline constexpr std::uint32_t kConfig = 0x4001E504;
inline constexpr std::uint32_t kErasePage = 0x4001E508;
inline constexpr std::uint32_t kReadOnly = 0;
inline constexpr std::uint32_t kWrite = 1;
inline constexpr std::uint32_t kErase = 2;
}  // namespace nvmc

// 6.9 GPIO
struct Pin {
  std::uint32_t port;
  std::uint32_t number;
  [[nodiscard]] constexpr std::uint32_t select() const { return port << 5 | number; }  // as in PSEL registers
  [[nodiscard]] constexpr std::uint32_t base() const { return 0x50000000 + port * 0x300; }
};
inline void set_pin(Pin pin, bool high) {
  word_at(pin.base() + (high ? 0x508 : 0x50C)) = 1U << pin.number;  // OUTSET, OUTCLR
}
inline void make_output(Pin pin, bool high) {
  set_pin(pin, high);
  word_at(pin.base() + 0x518) = 1U << pin.number;  // DIRSET
}
inline void make_input_with_pull_up(Pin pin) {
  word_at(pin.base() + 0x700 + pin.number * 4) = 3U << 2;  // PIN_CNF: input, connected, pull-up
}

// 6.34 UARTE
struct UarteRegisters {
  std::uint32_t base;
  [[nodiscard]] volatile std::uint32_t& at(std::uint32_t offset) const { return word_at(base + offset); }
};
namespace uarte {
inline constexpr UarteRegisters kModule{0x40002000};   // UARTE0
inline constexpr UarteRegisters kConsole{0x40028000};  // UARTE1
inline constexpr std::uint32_t kModuleInterrupt = 2;
inline constexpr std::uint32_t kStartReceive = 0x000;
inline constexpr std::uint32_t kStopReceive = 0x004;
inline constexpr std::uint32_t kStartTransmit = 0x008;
inline constexpr std::uint32_t kEndReceive = 0x110;      // event ENDRX
inline constexpr std::uint32_t kEndTransmit = 0x120;     // event ENDTX
inline constexpr std::uint32_t kError = 0x124;           // event
inline constexpr std::uint32_t kReceiveTimeout = 0x144;  // event RXTO: the receiver has stopped
inline constexpr std::uint32_t kInterruptSet = 0x304;
inline constexpr std::uint32_t kInterruptOnReceive = 1U << 4;
inline constexpr std::uint32_t kInterruptOnError = 1U << 9;
inline constexpr std::uint32_t kErrorSource = 0x480;  // ones are cleared by writing ones
inline constexpr std::uint32_t kEnable = 0x500;
inline constexpr std::uint32_t kEnabled = 8;
inline constexpr std::uint32_t kSelectRts = 0x508;
inline constexpr std::uint32_t kSelectTxd = 0x50C;
inline constexpr std::uint32_t kSelectCts = 0x510;
inline constexpr std::uint32_t kSelectRxd = 0x514;
inline constexpr std::uint32_t kNotConnected = 1U << 31;
inline constexpr std::uint32_t kBaudRate = 0x524;
inline constexpr std::uint32_t kReceiveTo = 0x534;  // RXD.PTR: RAM only
inline constexpr std::uint32_t kReceiveSize = 0x538;
inline constexpr std::uint32_t kTransmitFrom = 0x544;  // TXD.PTR: RAM only
inline constexpr std::uint32_t kTransmitSize = 0x548;
inline constexpr std::uint32_t kConfig = 0x56C;  // bit 0: RTS and CTS
}  // namespace uarte

}  // namespace ferry::nrf52
