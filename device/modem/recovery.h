// When the bearer, the radio or the module is restarted: a ladder with spacing that survives a reset of the MCU.
//
// Two kinds of failure. The network (no registration, no bearer, connections that do not open): bearer, then radio,
// then power, with 5 to 60 minutes between. A mute module: power at once, three times, then after 10, 30, 60 minutes;
// so at most about 30 power cycles a day. Every wait gets up to a quarter more at random, so that a fleet does not move
// in step.
#pragma once

#include <array>

#include "device/base/time.h"
#include "device/modem/ports.h"

namespace ferry::modem {

enum class Action : std::uint8_t { kNone, kBearer, kRadio, kPower };

class Recovery {
 public:
  static constexpr std::size_t kRecordSize = 12;

  Recovery(RetainedRecord& record, std::uint32_t seed) : record_(record), random_(seed * 2654435761U + 1) {}

  // After a reset: what was pending goes on waiting. Nothing retained, or a record that fails its check: a fresh start.
  void load(Instant now);

  // Chooses the next action; it is due at due(). The same call again changes nothing until the action was taken.
  void network_failed(Instant now);
  void module_mute(Instant now);

  // The action that is due now, once; kNone while there is none.
  [[nodiscard]] Action take_due(Instant now);
  [[nodiscard]] bool is_pending() const { return action_ != Action::kNone; }
  [[nodiscard]] Instant due() const { return is_pending() ? due_ : kNever; }

  void succeeded();        // a connection was made: the network's ladder begins anew
  void poll(Instant now);  // forgets a power cycle for each hour without one; retains how much of a wait is left
  [[nodiscard]] Instant poll_timeout() const { return std::min(next_store_, next_forget_); }

  [[nodiscard]] std::uint8_t network_failures() const { return network_failures_; }
  [[nodiscard]] std::uint8_t power_cycles() const { return power_cycles_; }

 private:
  void plan(Action action, Duration wait, Instant now);
  void store(Instant now);

  RetainedRecord& record_;
  std::uint32_t random_;
  Action action_ = Action::kNone;
  std::uint8_t network_failures_ = 0;
  std::uint8_t power_cycles_ = 0;
  Instant due_ = kNever;
  Instant next_store_ = kNever;
  Instant next_forget_ = kNever;
};

}  // namespace ferry::modem
