#include "sim/modem.h"

#include <algorithm>

namespace ferry::sim {

namespace {

std::unique_ptr<ModemDialect> make_dialect(ModemFamily family) {
  switch (family) {
    case ModemFamily::kSimcom:
      return make_simcom_dialect();
    case ModemFamily::kUblox:
      return make_ublox_dialect();
    default:
      return make_quectel_dialect();
  }
}

}  // namespace

std::vector<std::string> split_arguments(const std::string& text) {
  std::vector<std::string> list{""};
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      list.emplace_back();
    } else if (c != ' ' || quoted) {
      list.back() += c;
    }
  }
  return list;
}

bool in_range(const std::string& text, long lowest, long highest, long& value) {
  char* end = nullptr;
  value = std::strtol(text.c_str(), &end, 10);
  return !text.empty() && *end == '\0' && value >= lowest && value <= highest;
}

Modem::Modem(Clock& clock, ferry::Network& internet, ModemConfig config)
    : clock_(clock), internet_(internet), config_(config), uart_(clock), dialect_(make_dialect(config.family)) {
  uart_.disturb = [this](char c, bool& lose) { return disturb(c, lose); };
  reset_state();
  if (config_.powered) {
    stage_ = Stage::kOn;
    registered_at_ = now();
  }
}

Modem::~Modem() {
  close_all_links();
}

void Modem::reset_state() {
  close_all_links();
  tasks_.clear();
  uart_.drop_output();
  uart_.set_module(config_.baud, false);
  mode_ = Mode::kCommand;
  echo_ = config_.echo;
  busy_ = bearer_ = flow_ = false;
  radio_ = true;
  typed_.clear();
  frame_.clear();
  registered_at_ = kNever;
  mute_until_ = Instant{};
}

// --- power ---

void Modem::on_supply(bool on) {
  active_ = true;
  if (supply_ && !on) {
    switch_off();
  }
  supply_ = on;
}

void Modem::on_power_key(bool pressed) {
  active_ = true;
  if (pressed) {
    key_since_ = now();
    return;
  }
  const bool long_enough = key_since_ != kNever && now() - key_since_ >= Duration{500};
  key_since_ = kNever;
  if (!long_enough || !supply_) {
    return;
  }
  if (stage_ == Stage::kOff) {
    boot();
  } else if (!dead_) {
    power_down(Duration{1000});
  }
}

void Modem::boot() {
  ++power_cycles_;
  note("power on");
  reset_state();
  dead_ = false;
  stage_ = Stage::kBooting;
  after(config_.boot, [this] { booted(true); });
}

void Modem::booted(bool announce) {
  stage_ = Stage::kOn;
  registered_at_ = now() + config_.registration;
  if (announce) {
    dialect_->on_boot(*this);
  }
}

void Modem::switch_off() {
  note("power off");
  reset_state();
  stage_ = Stage::kOff;
}

void Modem::power_down(Duration delay) {
  after(delay, [this] {
    dialect_->on_power_down(*this);
    after(Duration{200}, [this] { switch_off(); });
  });
}

// --- bytes from the host ---

void Modem::take(char c, Microseconds at) {
  if (stage_ != Stage::kOn || dead_ || now() < mute_until_) {
    return;
  }
  if (lose_up_ > 0) {
    --lose_up_;
    return;
  }
  if (faults_.hits("lose-up")) {
    lose_up_ = faults_.number(1) - 1;
    return;
  }
  action_time_ = at;
  quiet_before_ = at - last_typed_;
  last_typed_ = at;
  switch (mode_) {
    case Mode::kCommand:
      return take_command(c);
    case Mode::kData:
      return take_data(c);
    case Mode::kTransparent:
      return take_transparent(c);
    case Mode::kMultiplexer:
      return take_multiplexer(c);
  }
}

void Modem::take_command(char c) {
  if (busy_) {
    lose_typed(c);
    return;
  }
  if (is_too_soon()) {
    lose_typed(c);
    return;
  }
  if (c == '\n') {
    return;
  }
  if (echo_) {
    uart_.send(std::string(1, c), action_time_);
  }
  if (c != '\r') {
    if (typed_.size() < 512) {
      typed_ += c;
    }
    return;
  }
  std::string line;
  line.swap(typed_);
  run_line(std::move(line));
}

void Modem::lose_typed(char c) {
  if (c == '\r') {
    ++lost_commands_;
    note("a command was lost: it came too soon");
  }
}

// After an answer, and after an unsolicited line that the host can have seen.
bool Modem::is_too_soon() const {
  constexpr Microseconds kUnseen{5000};
  const Microseconds since = action_time_ - last_output_;
  return typed_.empty() && since < dialect_->gap() && (last_was_answer_ || since > kUnseen);
}

void Modem::take_data(char c) {
  data_ += c;
  if (data_.size() < data_wanted_) {
    return;
  }
  mode_ = Mode::kCommand;
  std::string data;
  data.swap(data_);
  data_take_(std::move(data));
}

// One second of silence, +++, one second of silence.
void Modem::take_transparent(char c) {
  constexpr Microseconds kGuard{1'000'000};
  if (c == '+' && pluses_ < 3 && (pluses_ > 0 || quiet_before_ >= kGuard)) {
    ++pluses_;
    if (pluses_ == 3) {
      const Microseconds typed_at = last_typed_;
      after(Duration{1000}, [this, typed_at] {
        if (pluses_ == 3 && last_typed_ == typed_at && mode_ == Mode::kTransparent) {
          mode_ = Mode::kCommand;
          urc("OK");
        }
      });
    }
    return;
  }
  std::string bytes(std::exchange(pluses_, 0U), '+');
  bytes += c;
  if (transparent_link_ < kLinks && links_[transparent_link_].is_open) {
    send_on(links_[transparent_link_], bytes);
  }
}

// 27.010, basic option: the one frame that is obeyed closes the multiplexer down.
void Modem::take_multiplexer(char c) {
  static const std::string kCloseDown("\xF9\x03\xEF\x05\xC3\x01\xF2\xF9", 8);
  frame_ += c;
  if (frame_.size() > kCloseDown.size()) {
    frame_.erase(0, 1);
  }
  if (frame_ == kCloseDown) {
    frame_.clear();
    mode_ = Mode::kCommand;
    note("multiplexer closed down");
  }
}

// --- tasks ---

void Modem::schedule(Microseconds due, std::function<void()> action) {
  tasks_.push_back({due, order_++, std::move(action)});
}

void Modem::after(Duration delay, std::function<void()> action) {
  schedule(std::max<Microseconds>(action_time_, now().time_since_epoch()) + delay, std::move(action));
}

void Modem::run_tasks() {
  for (;;) {
    const auto next = std::min_element(tasks_.begin(), tasks_.end(), [](const Task& a, const Task& b) {
      return std::pair(a.due, a.order) < std::pair(b.due, b.order);
    });
    if (next == tasks_.end() || next->due > Microseconds(now().time_since_epoch())) {
      return;
    }
    Task task = std::move(*next);
    tasks_.erase(next);
    action_time_ = task.due;
    active_ = true;
    task.action();
  }
}

void Modem::run_actions(std::string_view command) {
  std::string fault;
  std::string argument;
  while (faults_.take_action(fault, argument, command)) {
    act(fault, argument);
  }
}

void Modem::act(const std::string& fault, const std::string& argument) {
  note("fault: " + fault + " " + argument);
  active_ = true;
  const long number = argument.empty() ? 0 : std::strtol(argument.c_str(), nullptr, 10);
  if (fault == "reboot") {
    reset_state();
    stage_ = Stage::kBooting;
    after(config_.boot, [this] { booted(true); });
  } else if (fault == "mute") {
    mute_until_ = number == 0 ? kNever : now() + Duration{number};
  } else if (fault == "dead") {
    dead_ = true;
    uart_.drop_output();
  } else if (fault == "pdpdeact" && bearer_) {
    close_all_links();
    bearer_ = false;
    dialect_->on_bearer_lost(*this);
  } else if (fault == "echo-on") {
    echo_ = true;
  } else if (fault == "urc") {
    urc(argument);
  } else if (fault == "cmux") {
    mode_ = Mode::kMultiplexer;
  } else if (fault == "transparent") {
    mode_ = Mode::kTransparent;
    transparent_link_ = kLinks;
  } else if (fault == "registration") {
    forced_registration_ = argument.empty() ? -1 : static_cast<int>(number);
  } else if (fault == "power-down") {
    power_down(Duration{0});
  } else if (fault == "baud") {
    uart_.set_module(static_cast<std::uint32_t>(number), flow_);
  }
}

// --- the world ---

bool Modem::poll() {
  faults_.set_now(now().time_since_epoch());
  if (!faults_.empty()) {
    action_time_ = now().time_since_epoch();
    if (stage_ == Stage::kOn) {
      run_actions({});
    }
    if (faults_.hits("split")) {
      uart_.largest_read = static_cast<std::size_t>(faults_.number(1));
    }
    if (faults_.hits("small-host")) {
      uart_.host_buffer = static_cast<std::size_t>(faults_.number(32));
    }
  }
  uart_.poll([this](char c, Microseconds at) { take(c, at); });
  run_tasks();
  active_ = poll_links() || active_;
  run_tasks();
  uart_.poll([this](char c, Microseconds at) { take(c, at); });
  const bool moved = uart_.take_activity();
  return std::exchange(active_, false) || moved;
}

Instant Modem::next_event() const {
  Instant next = uart_.next_event();
  for (const Task& task : tasks_) {
    next = std::min(next, Instant{std::chrono::ceil<Duration>(task.due)});
  }
  for (const Link& link : links_) {
    for (const auto* air : {&link.air_down, &link.air_up}) {
      next = std::min(next, air->empty() ? kNever : air->front().due);
    }
    next =
        std::min({next, link.end_at > now() ? link.end_at : kNever, link.opened_at > now() ? link.opened_at : kNever});
  }
  if (const Duration at = faults_.next_at(); at != Duration::max()) {
    next = std::min(next, Instant{at});
  }
  return next;
}

std::size_t Modem::count(std::string_view command) const {
  return static_cast<std::size_t>(
      std::count_if(commands_.begin(), commands_.end(), [&](const auto& each) { return each.starts_with(command); }));
}

}  // namespace ferry::sim
