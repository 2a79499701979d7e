// Clock, reset, watchdog, random bytes, supply, and the module's power lines.
#pragma once

#include "device/base/board.h"
#include "device/base/entropy.h"
#include "device/base/power.h"
#include "device/modem/ports.h"
#include "ports/cortexm/clock.h"

namespace ferry::nrf52 {

// RTC1 at 1,024 Hz from the 32,768 Hz crystal; goes on in sleep. Its 24 bits are extended by now(), which has to be
// called once in four hours. Each tick ends wait_for_interrupt().
class Clock final : public cortexm::Clock {
 public:
  void start();
  [[nodiscard]] Instant now() override;
};

class Board final : public ferry::Board {
 public:
  // From RESETREAS, which keeps reasons until they are cleared; asked once, by the bootloader.
  [[nodiscard]] ResetCause reset_cause() override;
  void reset() override;
  void start_watchdog();  // bites after 8 s; nothing but a reset stops it
  void feed_watchdog() override;
};

// The part's source of true random bytes, with its bias correction: about 120 us a byte.
class Entropy final : public ferry::Entropy {
 public:
  explicit Entropy(ByteView /*personal*/) {}
  [[nodiscard]] Status fill(ByteSpan bytes) override;
};

// On mains. The comparator at 2.8 V warns when the supply falls, and only then: the warning holds for some seconds
// more.
class Power final : public ferry::Power {
 public:
  [[nodiscard]] PowerStatus status() override;
};

class PowerLines final : public modem::PowerLines {
 public:
  void set_supply(bool on) override;
  void press_power_key(bool pressed) override;
};

}  // namespace ferry::nrf52
