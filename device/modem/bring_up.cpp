// From a module of which nothing is known to a bearer, and back.
#include "device/at/text.h"
#include "device/modem/modem.h"

namespace ferry::modem {

namespace {

// After the rate that is wanted; 115200 is what a module has after a reset.
constexpr std::uint32_t kRates[] = {115200, 921600, 460800, 230400, 57600, 38400, 19200, 9600};
constexpr std::uint8_t kRateCount = sizeof kRates / sizeof kRates[0];
constexpr std::uint8_t kEscapes = 2;  // rates at which the ways out of other modes are tried: wanted, 115200

constexpr at::Exchange kProbe{.command = "AT", .timeout = 300ms};
constexpr at::Exchange kAreYouThere{.command = "AT", .timeout = 1s};
constexpr at::Exchange kRegistrations[] = {
    {.command = "AT+CEREG?", .info = "+CEREG:"},
    {.command = "AT+CGREG?", .info = "+CGREG:"},
    {.command = "AT+CREG?", .info = "+CREG:"},
};

constexpr Duration kSilence = 1100ms;  // around the escape sequence
constexpr std::string_view kEscape = "+++";
// Multiplexer, basic option (27.010): close down, on channel 0.
constexpr std::string_view kLeaveMultiplexer("\xF9\x03\xEF\x05\xC3\x01\xF2\xF9", 8);
// A send that a reset interrupted still waits for its bytes.
constexpr std::string_view kFlush = "\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r";
constexpr std::uint8_t kFlushes = Sockets::kSendBuffer / 32 + 1;

constexpr Duration kMutePatience = 45s;  // with the time-out that led here, a minute: then the power
constexpr Duration kBootTime = 20s;
constexpr Duration kSimTime = 30s;
constexpr Duration kPowerOffTime = 65s;
constexpr Duration kRegistrationPause = 1s;

// 0 where the line does not tell. `<n>,<stat>` when read, `<stat>` or `<stat>,"tac"` when unsolicited.
std::uint8_t registration(std::string_view info) {
  const auto second = at::number_field(info, 1);
  return static_cast<std::uint8_t>(second ? *second : at::number_field(info, 0).value_or(0));
}

bool is_registered(std::uint8_t stat) {
  return stat == 1 || (stat >= 5 && stat <= 10 && stat != 8);  // 8: emergency calls alone
}

}  // namespace

// --- probing: rates first, then ways out of transparent mode, multiplexer and an unfinished send ---

void Modem::start_probing(Instant now) {
  line_.reset();
  owner_ = Owner::kNone;
  report_.baud = 0;
  step_ = 0;
  tries_ = 0;
  enter(Phase::kProbing, now);
}

void Modem::act_probing(Instant now) {
  if (now < wait_until_) {
    return;
  }
  if (stopping_) {
    power_.set_supply(false);
    return enter(Phase::kOff, now);
  }
  const bool escapes = step_ > kRateCount;
  const std::uint8_t rate = static_cast<std::uint8_t>(escapes ? step_ - kRateCount - 1 : step_);
  report_.baud = rate == 0 ? settings_.baud : kRates[rate - 1];
  if (tries_ == 0) {
    ++tries_;
    if (!line_.configure(report_.baud, FlowControl::kNone)) {
      return next_probe(now);
    }
    wait_until_ = escapes ? now + kSilence : now;
    return;
  }
  if (escapes && tries_ <= 2 + kFlushes) {
    ++tries_;
    line_.write_raw(tries_ == 2 ? kEscape : tries_ == 3 ? kLeaveMultiplexer : kFlush);
    wait_until_ = now + (tries_ == 2 ? kSilence : Duration{50});
    static_cast<void>(line_.discard(now));
    return;
  }
  begin(Owner::kProbe, kProbe, now);
}

void Modem::finish_probe(Instant now) {
  const at::Outcome outcome = line_.runner().outcome();
  if (outcome == at::Outcome::kDone || outcome == at::Outcome::kRefused) {
    boot_until_ = mute_until_ = Instant{};
    return run(family_.set_up, Phase::kSettingUp, now);
  }
  const bool escapes = step_ > kRateCount;
  ++tries_;
  if (tries_ > (escapes ? 4 + kFlushes : 2)) {
    next_probe(now);
  }
}

void Modem::next_probe(Instant now) {
  tries_ = 0;
  ++step_;
  if (step_ > 0 && step_ <= kRateCount && kRates[step_ - 1] == settings_.baud) {
    ++step_;
  }
  const bool booting = now < boot_until_;
  if (step_ > kRateCount + kEscapes || (booting && step_ > 1)) {
    step_ = 0;
    if (!booting && now >= mute_until_) {
      module_mute(now);
    }
  }
}

// --- scripts ---

void Modem::run(std::span<const Step> script, Phase phase, Instant now) {
  script_ = script;
  step_ = 0;
  step_tries_ = 0;
  tries_ = 0;
  enter(phase, now);
  if (phase == Phase::kSettingUp) {
    phase_ends_ = now + kSimTime;
  }
  if (phase == Phase::kPowerOff) {
    phase_ends_ = now + kPowerOffTime;
  }
}

void Modem::act_script(Instant now) {
  if (now < wait_until_) {
    return;
  }
  for (; step_ < script_.size(); ++step_) {
    const Take take = script_[step_].take;
    const bool flow = settings_.flow == FlowControl::kRtsCts;
    const bool skipped = (take == Take::kFlow && !flow) || (take == Take::kNoFlow && flow) ||
                         (take == Take::kRate && (report_.baud == settings_.baud || raise_failed_));
    if (!skipped) {
      return begin(Owner::kScript, script_[step_].exchange, now);
    }
  }
  end_script(true, now);
}

void Modem::finish_step(Instant now) {
  const Step& step = script_[step_];
  const at::Outcome outcome = line_.runner().outcome();
  bool good = outcome == at::Outcome::kDone;
  if (step.take == Take::kSimReady && line_.runner().info() != "READY") {
    if (outcome != at::Outcome::kTimedOut && now < phase_ends_) {
      wait_until_ = now + 1s;
      return;  // the same step again
    }
    good = false;
  }
  if (step.take == Take::kZero) {
    good = good && line_.runner().info() == "0";
  }
  if (step.take == Take::kRate && good) {
    // The module has the new rate from the end of its OK on.
    report_.baud = settings_.baud;
    good = line_.configure(report_.baud, settings_.flow).has_value();
    wait_until_ = now + 50ms;
  } else if (step.take == Take::kFlow && good) {
    good = line_.configure(report_.baud, settings_.flow).has_value();
  }
  if (outcome == at::Outcome::kTimedOut) {
    if (phase_ == Phase::kSettingUp) {
      raise_failed_ = raise_failed_ || report_.baud == settings_.baud;
      return start_probing(now);
    }
    ++step_tries_;
    if (step_tries_ == 1 && phase_ != Phase::kPowerOff) {
      return timed_out(Owner::kScript, now);  // and if somebody is there, the same step again
    }
  }
  step_tries_ = 0;
  if (!good && !step.may_fail) {
    return end_script(false, now);
  }
  ++step_;
}

void Modem::end_script(bool good, Instant now) {
  if (!good) {
    return network_failed(now);
  }
  switch (phase_) {
    case Phase::kSettingUp:
    case Phase::kRadio:
      echo_on_ = false;
      return enter(Phase::kSearching, now);
    case Phase::kAttaching:
      sockets_.forget_links();
      sockets_.ask_proof();
      return enter(Phase::kOnline, now);
    default:
      sockets_.forget_links();
      return enter(Phase::kReady, now);
  }
}

// --- registration, signal ---

void Modem::act_searching(Instant now) {
  if (now < wait_until_) {
    return;
  }
  if (now >= phase_ends_) {
    return network_failed(now);
  }
  constexpr std::uint8_t kLooks = 3;
  begin(Owner::kRegistration, kRegistrations[tries_ % kLooks], now);
}

void Modem::finish_registration(Instant now) {
  if (line_.runner().has_info()) {
    report_.registration = registration(line_.runner().info());
  }
  if (is_registered(report_.registration)) {
    health_at_ = now;
    enter(Phase::kAskingTime, now);
    return;
  }
  ++tries_;
  wait_until_ = now + (tries_ % 3 == 0 ? kRegistrationPause : Duration{0});
}

void Modem::finish_signal() {
  if (!line_.runner().has_info()) {
    return;
  }
  const auto level = at::number_field(line_.runner().info(), 0);
  report_.signal_dbm.reset();
  if (level && *level <= 31) {
    report_.signal_dbm = static_cast<std::int16_t>(-113 + 2 * static_cast<int>(*level));
  }
}

// --- recovery ---

void Modem::network_failed(Instant now) {
  recovery_.network_failed(now);
  enter(Phase::kWaiting, now);
}

// Ways back that cost nothing come before the power: another rate, another mode.
void Modem::module_mute(Instant now) {
  sockets_.fail_all(Error::kIo);
  sockets_.forget_links();
  if (phase_ != Phase::kProbing) {
    mute_until_ = now + kMutePatience;
    return start_probing(now);
  }
  report_.baud = 0;
  recovery_.module_mute(now);
  enter(Phase::kWaiting, now);
}

void Modem::act_waiting(Instant now) {
  if (stopping_) {
    return run(family_.power_off, Phase::kPowerOff, now);
  }
  switch (recovery_.take_due(now)) {
    case Action::kBearer:
      return report_.baud == 0 ? start_probing(now) : enter(Phase::kReady, now);
    case Action::kRadio:
      return report_.baud == 0 ? start_probing(now) : run(family_.radio, Phase::kRadio, now);
    case Action::kPower:
      return report_.baud == 0 ? start_power_cycle(now) : run(family_.power_off, Phase::kPowerOff, now);
    default:
      return;
  }
}

void Modem::act_power_off(Instant now) {
  if (step_ < script_.size()) {
    return act_script(now);
  }
  if (now < phase_ends_) {
    return;  // for the module to say that it is down
  }
  if (stopping_) {
    power_.set_supply(false);
    report_.baud = 0;
    return enter(Phase::kOff, now);
  }
  start_power_cycle(now);
}

void Modem::start_power_cycle(Instant now) {
  ++report_.power_cycles;
  line_.reset();
  owner_ = Owner::kNone;
  sockets_.forget_links();
  step_ = 0;
  raise_failed_ = false;
  enter(Phase::kPowering, now);
}

void Modem::act_powering(Instant now) {
  if (now < wait_until_) {
    return;
  }
  static_cast<void>(line_.discard(now));
  switch (step_++) {
    case 0:
      power_.set_supply(false);
      wait_until_ = now + 2s;
      return;
    case 1:
      power_.set_supply(true);
      wait_until_ = now + 500ms;
      return;
    case 2:
      power_.press_power_key(true);
      wait_until_ = now + 2s;
      return;
    default:
      power_.press_power_key(false);
      boot_until_ = now + kBootTime;
      return start_probing(now);
  }
}

void Modem::act_quarantine(Instant now) {
  constexpr Duration kQuiet = 200ms;
  constexpr Duration kHushAfter = 500ms;
  if (line_.discard(now) || now - line_.heard_at() < kQuiet) {
    if (!hushed_ && !family_.hush.empty() && phase_ends_ - now <= 10s - kHushAfter) {
      hushed_ = true;
      line_.write_raw(family_.hush);
    }
    wait_until_ = now + Duration{10};
    if (now < phase_ends_) {
      return;
    }
  }
  // What broke off may have been the module's last word before it started anew: nothing of it is known any more.
  module_mute(now);
}

void Modem::act_rescue(Instant now) {
  begin(Owner::kRescue, kAreYouThere, now);
}

}  // namespace ferry::modem
