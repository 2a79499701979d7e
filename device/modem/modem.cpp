#include "device/modem/modem.h"

#include "device/modem/time.h"

namespace ferry::modem {

namespace {

constexpr int kRoundsPerPoll = 16;
constexpr Duration kTrailerPatience = 20ms;
constexpr Duration kHealthEvery = 60s;
constexpr std::uint8_t kFailedOpens = 3;

constexpr at::Exchange kSignal{.command = "AT+CSQ", .info = "+CSQ:"};
constexpr at::Exchange kEchoOff{.command = "ATE0"};

}  // namespace

Modem::Modem(const Family& family, SerialPort& port, PowerLines& power, RetainedRecord& record, Settings settings)
    : family_(family),
      power_(power),
      settings_(settings),
      line_(port, family.payloads, family.gap),
      sockets_(family, settings.push && settings.flow == FlowControl::kRtsCts && !family.push_prefix.empty()),
      recovery_(record, settings.seed) {}

void Modem::start(Instant now) {
  if (phase_ != Phase::kOff) {
    return;
  }
  stopping_ = false;
  due_ = now;
  recovery_.load(now);
  if (recovery_.is_pending()) {
    return enter(Phase::kWaiting, now);
  }
  start_probing(now);
}

void Modem::stop(Instant now) {
  if (phase_ == Phase::kOff || stopping_) {
    return;
  }
  stopping_ = true;
  due_ = now;
  sockets_.fail_all(Error::kClosed);
}

// --- the user's side of the connections ---

Result<Connection> Modem::open(std::string_view host, std::uint16_t port) {
  if (phase_ == Phase::kOff || stopping_) {
    return ferry::fail(Error::kIo);
  }
  due_ = Instant{};
  return sockets_.open(host, port);
}

Result<Connection> Modem::open_beside(Connection beside, std::uint16_t port) {
  due_ = Instant{};
  return sockets_.open_beside(beside, port);
}

Result<std::size_t> Modem::send(Connection connection, ByteView bytes) {
  due_ = Instant{};
  return sockets_.send(connection, bytes);
}

Result<std::size_t> Modem::receive(Connection connection, ByteSpan buffer) {
  const auto size = sockets_.receive(connection, buffer);
  if (size && *size > 0) {
    due_ = Instant{};
  }
  return size;
}

void Modem::close(Connection connection) {
  due_ = Instant{};
  sockets_.close(connection);
}

State Modem::state() const {
  if (phase_ == Phase::kOff) {
    return State::kOff;
  }
  if (stopping_) {
    return State::kStopping;
  }
  switch (phase_ == Phase::kRescue || phase_ == Phase::kQuarantine ? resume_ : phase_) {
    case Phase::kSearching:
    case Phase::kRadio:
      return State::kSearching;
    case Phase::kAttaching:
      return State::kConnecting;
    case Phase::kOnline:
      return State::kOnline;
    case Phase::kAskingTime:
    case Phase::kReady:
    case Phase::kDetaching:
      return State::kReady;
    case Phase::kWaiting:
      return State::kWaiting;
    default:
      return State::kStarting;
  }
}

std::optional<WallTime> Modem::wall_time(Instant now) const {
  if (!wall_at_zero_) {
    return std::nullopt;
  }
  return *wall_at_zero_ + std::chrono::floor<WallTime::duration>(now.time_since_epoch());
}

// --- one poll ---

void Modem::poll(Instant now) {
  if (phase_ == Phase::kOff) {
    due_ = kNever;
    return;
  }
  recovery_.poll(now);
  if (phase_ == Phase::kOnline) {
    sockets_.handle_timeout(now);
  }
  for (int round = 0; round < kRoundsPerPoll; ++round) {
    const Phase before = phase_;
    bool moved = receive(now);
    watch_line(now);
    moved = line_.poll(now) || moved;
    finish_exchange(now);
    if (owner_ == Owner::kNone && line_.is_idle(now)) {
      act(now);
      moved = line_.poll(now) || moved;
    }
    if (!moved && before == phase_) {
      break;
    }
  }
  set_due(now);
}

bool Modem::receive(Instant now) {
  if (phase_ == Phase::kQuarantine) {
    return false;
  }
  bool moved = false;
  for (;;) {
    const at::Token token = line_.next(sockets_.payload_room(), now);
    if (token.kind == at::TokenKind::kNone) {
      return moved;
    }
    moved = true;
    if (!take_token(token, now)) {
      return true;
    }
  }
}

// False when what follows must not be looked at as before.
bool Modem::take_token(const at::Token& token, Instant now) {
  const Phase before = phase_;
  switch (token.kind) {
    case at::TokenKind::kLine:
      finish_exchange(now);
      on_line(token.text, now);
      break;
    case at::TokenKind::kHeader:
      take_header(token, now);
      break;
    case at::TokenKind::kPayload:
      sockets_.take_payload(token.payload);
      break;
    case at::TokenKind::kPayloadEnd:
      sockets_.end_payload(now);
      break;
    default:
      lose_trust(now);
      break;
  }
  return phase_ == before;
}

void Modem::take_header(const at::Token& token, Instant now) {
  const auto wanted = phase_ == Phase::kOnline ? sockets_.on_header(token.text, token.count, now) : Result<bool>(false);
  if (!wanted) {
    return lose_trust(now);
  }
  if (*wanted) {
    return line_.accept_payload(token.count);
  }
  if (!line_.offer(token.text)) {
    on_line(token.text, now);
  }
}

void Modem::on_line(std::string_view text, Instant now) {
  const auto event = at::route(family_.urcs, text);
  if (!event) {
    return;
  }
  switch (event->event) {
    case Event::kReboot:
      return on_reboot(now);
    case Event::kPowerDown:
      if (phase_ == Phase::kPowerOff) {
        phase_ends_ = std::min(phase_ends_, now + 1s);
      } else if (phase_ >= Phase::kSettingUp) {
        module_mute(now);
      }
      return;
    case Event::kEcho:
      echo_on_ = true;
      return;
    case Event::kPdpLost:
      if (phase_ == Phase::kOnline) {
        sockets_.fail_all(Error::kIo);
        network_failed(now);
      }
      return;
    default:
      return sockets_.on_event(*event, now);
  }
}

void Modem::on_reboot(Instant now) {
  if (phase_ <= Phase::kProbing || phase_ == Phase::kPowerOff) {
    return;
  }
  ++report_.reboots;
  sockets_.fail_all(Error::kIo);
  sockets_.forget_links();
  start_probing(now);
}

// What comes in is not what it claims to be: no connection can be believed any more.
void Modem::lose_trust(Instant now) {
  ++report_.breaks;
  sockets_.stop_pushing();
  sockets_.fail_all(Error::kIo);
  line_.reset();
  owner_ = Owner::kNone;
  enter(Phase::kQuarantine, now);
}

void Modem::watch_line(Instant now) {
  if (phase_ == Phase::kQuarantine || phase_ == Phase::kProbing) {
    static_cast<void>(line_.port().lost_bytes());
    return;
  }
  if (line_.port().lost_bytes()) {
    if (line_.tokenizer().in_payload() || line_.tokenizer().awaits_trailer()) {
      return lose_trust(now);
    }
    sockets_.look_at_all();
  }
  // Behind what was pushed last nothing follows at once: then half of the trailer will do.
  if (line_.tokenizer().awaits_trailer() && !sockets_.reads() && now - line_.heard_at() >= kTrailerPatience) {
    if (!line_.forgo_trailer()) {
      return lose_trust(now);
    }
    sockets_.end_payload(now);
  }
  if (sockets_.is_stuck(now)) {
    sockets_.fail_stuck();
  }
}

void Modem::finish_exchange(Instant now) {
  if (owner_ == Owner::kNone || line_.runner().is_pending()) {
    return;
  }
  const Owner owner = std::exchange(owner_, Owner::kNone);
  const at::Runner& runner = line_.runner();
  echo_on_ = echo_on_ || runner.saw_echo();
  switch (owner) {
    case Owner::kSockets:
      sockets_.finish(line_.runner(), now);
      break;
    case Owner::kScript:
      return finish_step(now);
    case Owner::kProbe:
      return finish_probe(now);
    case Owner::kRegistration:
      finish_registration(now);
      break;
    case Owner::kSignal:
      finish_signal();
      break;
    case Owner::kTime:
      if (const auto time = parse_time(runner.info(), family_.clock_is_utc)) {
        wall_at_zero_ = *time - std::chrono::floor<WallTime::duration>(now.time_since_epoch());
      }
      break;
    case Owner::kEcho:
      echo_on_ = runner.outcome() != at::Outcome::kDone;
      break;
    default:
      break;
  }
  if (runner.outcome() == at::Outcome::kTimedOut) {
    timed_out(owner, now);
  } else if (owner == Owner::kRescue) {
    enter(resume_, now);
    phase_ends_ = resume_ends_;
  } else if (owner == Owner::kTime && phase_ == Phase::kAskingTime) {
    enter(Phase::kReady, now);
  }
}

// No final came. Perhaps it was lost on the line; perhaps nobody is there.
void Modem::timed_out(Owner owner, Instant now) {
  if (owner == Owner::kRescue) {
    ++tries_;
    constexpr std::uint8_t kTries = 3;
    return tries_ < kTries ? void() : module_mute(now);
  }
  ++report_.rescues;
  resume_ = phase_ == Phase::kAskingTime ? Phase::kReady : phase_;
  resume_ends_ = phase_ends_;
  tries_ = 0;
  const bool in_payload = line_.tokenizer().in_payload() || line_.tokenizer().awaits_trailer();
  if (in_payload) {
    return lose_trust(now);
  }
  enter(Phase::kRescue, now);
}

void Modem::begin(Owner owner, const at::Exchange& exchange, Instant now) {
  owner_ = owner;
  line_.begin(exchange,
              {.baud = settings_.baud, .apn = settings_.apn, .user = settings_.user, .password = settings_.password},
              now);
}

bool Modem::is_bearer_wanted() const {
  return settings_.release_after == Settings::kKeep || sockets_.any_in_use();
}

// Nothing is under way: what comes next?
void Modem::act(Instant now) {
  switch (phase_) {
    case Phase::kPowering:
      return act_powering(now);
    case Phase::kProbing:
      return act_probing(now);
    case Phase::kSettingUp:
    case Phase::kAttaching:
    case Phase::kDetaching:
    case Phase::kRadio:
      return act_script(now);
    case Phase::kSearching:
      return stopping_ ? run(family_.power_off, Phase::kPowerOff, now) : act_searching(now);
    case Phase::kAskingTime:
      return begin(Owner::kTime, family_.clock, now);
    case Phase::kReady:
      if (stopping_) {
        return run(family_.power_off, Phase::kPowerOff, now);
      }
      return is_bearer_wanted() ? run(family_.attach, Phase::kAttaching, now) : act_online(now);
    case Phase::kOnline:
      return act_online(now);
    case Phase::kWaiting:
      return act_waiting(now);
    case Phase::kPowerOff:
      return act_power_off(now);
    case Phase::kQuarantine:
      return act_quarantine(now);
    case Phase::kRescue:
      return act_rescue(now);
    default:
      return;
  }
}

void Modem::act_online(Instant now) {
  const bool online = phase_ == Phase::kOnline;
  if (sockets_.proved()) {
    recovery_.succeeded();
  }
  if (sockets_.failed_opens() >= kFailedOpens) {
    sockets_.fail_all(Error::kIo);
    return network_failed(now);
  }
  if (online && stopping_) {
    return run(family_.detach, Phase::kDetaching, now);
  }
  if (online && sockets_.begin_next(line_, now)) {
    owner_ = Owner::kSockets;
    return;
  }
  if (echo_on_) {
    return begin(Owner::kEcho, kEchoOff, now);
  }
  if (now >= health_at_) {
    health_at_ = now + kHealthEvery;
    return begin(Owner::kSignal, kSignal, now);
  }
  idle_since_ = sockets_.any() ? kNever : std::min(idle_since_, now);
  if (online && !is_bearer_wanted() && idle_since_ != kNever && now - idle_since_ >= settings_.release_after) {
    run(family_.detach, Phase::kDetaching, now);
  }
}

void Modem::enter(Phase phase, Instant now) {
  phase_ = phase;
  wait_until_ = now;
  phase_ends_ = kNever;
  switch (phase) {
    case Phase::kOnline:
      health_at_ = std::min(health_at_, now + kHealthEvery);
      idle_since_ = kNever;
      break;
    case Phase::kSearching:
      phase_ends_ = now + 15min;
      tries_ = 0;
      break;
    case Phase::kQuarantine:
      phase_ends_ = now + 10s;
      hushed_ = false;
      break;
    default:
      break;
  }
}

void Modem::set_due(Instant now) {
  due_ = std::min({line_.poll_timeout(), recovery_.poll_timeout(), phase_ends_});
  if (phase_ == Phase::kWaiting) {
    due_ = std::min(due_, recovery_.due());
  }
  if (wait_until_ > now) {
    due_ = std::min(due_, wait_until_);
  }
  if (line_.free_at() > now) {
    due_ = std::min(due_, line_.free_at());
  }
  if (line_.tokenizer().awaits_trailer()) {
    due_ = std::min(due_, line_.heard_at() + kTrailerPatience);
  }
  if (phase_ == Phase::kOnline || phase_ == Phase::kReady) {
    due_ = std::min({due_, health_at_, sockets_.poll_timeout()});
    if (idle_since_ != kNever && settings_.release_after != Settings::kKeep && phase_ == Phase::kOnline) {
      due_ = std::min(due_, idle_since_ + settings_.release_after);
    }
  }
}

}  // namespace ferry::modem
