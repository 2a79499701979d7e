// Clock, reset, watchdog and random bytes of the board.
#pragma once

#include "device/base/board.h"
#include "device/base/entropy.h"
#include "device/base/power.h"
#include "device/crypto/crypto.h"
#include "device/modem/ports.h"
#include "ports/cortexm/clock.h"

namespace ferry::mps2 {

// Milliseconds by SysTick.
class Clock final : public cortexm::Clock {
 public:
  void start();
  [[nodiscard]] Instant now() override;
};

class Board final : public ferry::Board {
 public:
  // Why the device was reset last; asked once, by the bootloader: the next one is a return of the power unless reset()
  // or the watchdog said otherwise.
  [[nodiscard]] ResetCause reset_cause() override;
  void reset() override;
  void start_watchdog();  // bites after 8 s
  void feed_watchdog() override;
};

// Not random enough for a product: the board has no source of it. A real one has a TRNG, and its port uses that.
class Entropy final : public ferry::Entropy {
 public:
  explicit Entropy(ByteView personal) : personal_(personal) {}
  [[nodiscard]] Status fill(ByteSpan bytes) override;

 private:
  ByteView personal_;
  Sha256Digest state_{};
};

// Set from the console, since the emulator has no supply to measure.
class Power final : public ferry::Power {
 public:
  [[nodiscard]] PowerStatus status() override { return status_; }
  void set(const PowerStatus& status) { status_ = status; }

 private:
  PowerStatus status_;
};

// The module has no power lines here: it starts by itself.
class PowerLines final : public modem::PowerLines {
 public:
  void set_supply(bool) override {}
  void press_power_key(bool) override {}
};

}  // namespace ferry::mps2
