// The commands that every module has, and how answers are given.
#include <algorithm>
#include <cctype>

#include "sim/modem.h"

namespace ferry::sim {

namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

}  // namespace

// --- commands ---

void Modem::run_line(std::string line) {
  const std::size_t at = upper(line).find("AT");  // noise before it is forgiven
  if (at == std::string::npos) {
    return;
  }
  line.erase(0, at);
  const std::size_t end = line.find_first_of("=?", 2);
  current_ = upper(line.substr(0, end));
  const std::string arguments = end == std::string::npos ? "" : line.substr(end);
  commands_.push_back(current_ + arguments);
  note("> " + line);
  active_ = true;
  faults_.count_command(commands_.back());
  run_actions(commands_.back());
  if (stage_ != Stage::kOn || mode_ != Mode::kCommand || dead_ || now() < mute_until_) {
    return;
  }
  if (faults_.hits("error", commands_.back())) {
    return error(static_cast<int>(faults_.number(-1)));
  }
  if (!run_common(current_, arguments) && !dialect_->run(*this, current_, arguments)) {
    error(4);
  }
}

bool Modem::run_common(const std::string& name, const std::string& arguments) {
  if (name == "AT" && arguments.empty()) {
    answer({});
  } else if (name == "ATE0" || name == "ATE1") {
    answer({});
    echo_ = name.back() == '1';
  } else if (name == "AT+CMEE" || name == "AT&W" || name == "AT+CTZU" || name == "AT+CGDCONT" || name == "AT+CMGF") {
    answer({});
  } else if (name == "AT+CPIN") {
    config_.sim_card ? answer({"+CPIN: READY"}) : error(10);
  } else if (name == "AT+CSQ") {
    answer({"+CSQ: " + std::to_string(registered() ? config_.signal : 99) + ",99"});
  } else if (name == "AT+CREG" || name == "AT+CGREG" || name == "AT+CEREG") {
    registration_answer(name.substr(2));
  } else if (name == "AT+IFC") {
    flow_ = arguments == "=2,2";
    answer({});
    after(Duration{0}, [this] { uart_.set_module(uart_.baud(), flow_); });
  } else if (name == "AT+IPR") {
    long baud = 0;
    if (!in_range(arguments.substr(std::min<std::size_t>(1, arguments.size())), 9600, 921600, baud)) {
      error(4);
      return true;
    }
    answer({});
    after(config_.turnaround + Duration{10},
          [this, baud] { uart_.set_module(static_cast<std::uint32_t>(baud), flow_); });
  } else if (name == "AT+CFUN") {
    const bool on = arguments == "=1";
    if (on != radio_) {
      radio_ = on;
      close_all_links();
      bearer_ = false;
      registered_at_ = on ? now() + config_.registration : kNever;
    }
    answer({}, "OK", Duration{200});
  } else if (name == "AT+CCLK") {
    answer({"+CCLK: \"" + clock_text(true) + "\""});
  } else {
    return false;
  }
  return true;
}

void Modem::registration_answer(const std::string& name) {
  const std::string stat = forced_registration_ >= 0 ? std::to_string(forced_registration_) : registered() ? "1" : "2";
  answer({name + ": 0," + stat});
}

bool Modem::registered() const {
  return radio_ && registered_at_ != kNever && now() >= registered_at_ && config_.sim_card && forced_registration_ < 0;
}

std::string Modem::clock_text(bool local) const {
  WallTime time = network_clock
                      ? network_clock()
                      : config_.network_time + std::chrono::duration_cast<WallTime::duration>(now().time_since_epoch());
  if (const_cast<ModemFaults&>(faults_).hits("wrong-clock") || registered_at_ == kNever || now() < registered_at_) {
    time = WallTime{std::chrono::seconds(315'964'800)} +
           std::chrono::duration_cast<WallTime::duration>(now().time_since_epoch());  // 1980-01-06
  } else if (local) {
    time += std::chrono::minutes(15 * config_.zone);
  }
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  char text[40];
  std::snprintf(text, sizeof text, "%02d/%02u/%02u,%02d:%02d:%02d%+03d", static_cast<int>(date.year()) % 100,
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), config_.zone);
  return text;
}

// --- answers ---

void Modem::answer(std::vector<std::string> parts, std::string final_line, Duration delay) {
  std::string bytes;
  const std::string noise = "\r\n+QIND: \"csq\",20,99\r\n";
  const std::string command = commands_.empty() ? "" : commands_.back();
  if (faults_.hits("urc-before", command)) {
    bytes += noise;
  }
  for (const std::string& part : parts) {
    bytes += "\r\n" + part + "\r\n";
    if (faults_.hits("urc-between", command)) {
      bytes += noise;
    }
  }
  if (!faults_.hits("no-final", command)) {
    bytes += "\r\n" + final_line + "\r\n";
  }
  if (faults_.hits("urc-after", command)) {
    bytes += noise;
  }
  answer_raw(bytes, delay);
}

void Modem::answer_raw(std::string bytes, Duration delay) {
  busy_ = true;
  if (faults_.hits("late-ok", commands_.empty() ? "" : commands_.back())) {
    delay += Duration{faults_.number(300)};
  }
  schedule(action_time_ + config_.turnaround + delay, [this, bytes = std::move(bytes)] {
    busy_ = false;
    last_was_answer_ = true;
    emit(bytes);
  });
}

void Modem::error(int cme) {
  answer({}, cme < 0 ? "ERROR" : "+CME ERROR: " + std::to_string(cme));
}

void Modem::urc(const std::string& line, Duration delay) {
  const std::string bytes = "\r\n" + line + "\r\n";
  if (delay == Duration{0}) {
    return urc_raw(bytes);
  }
  after(delay, [this, bytes] { urc_raw(bytes); });
}

void Modem::urc_raw(const std::string& bytes) {
  if (stage_ == Stage::kOn && !dead_ && now() >= mute_until_) {
    last_was_answer_ = false;
    emit(bytes);
  }
}

void Modem::prompt(const std::string& text, std::size_t count, std::function<void(std::string)> take) {
  busy_ = true;
  std::string shown = text;
  if (faults_.hits("prompt", current_)) {
    shown.clear();
    const std::string& form = faults_.argument();
    for (std::size_t i = 0; i < form.size(); ++i) {
      if (form[i] == '\\' && i + 1 < form.size()) {
        ++i;
        shown += form[i] == 'r' ? '\r' : form[i] == 'n' ? '\n' : form[i] == 's' ? ' ' : form[i];
      } else {
        shown += form[i];
      }
    }
  }
  schedule(action_time_ + config_.turnaround, [this, shown, count, take = std::move(take)] {
    busy_ = false;
    mode_ = Mode::kData;
    data_.clear();
    data_wanted_ = count;
    data_take_ = take;
    emit(shown);
  });
}

void Modem::emit(const std::string& bytes) {
  if (stage_ == Stage::kOff || dead_ || now() < mute_until_ || mode_ == Mode::kMultiplexer) {
    return;
  }
  note("< " + bytes);
  uart_.send(bytes, action_time_);
  last_output_ = std::max(action_time_, last_output_);
  active_ = true;
}

char Modem::disturb(char c, bool& lose) {
  last_output_ = std::max(last_output_, Microseconds(now().time_since_epoch()));
  if (faults_.empty()) {
    return c;
  }
  if (lose_ == 0 && faults_.hits("lose")) {
    lose_ = faults_.number(1);
  }
  if (flip_ == 0 && faults_.hits("flip")) {
    flip_ = faults_.number(1);
  }
  lose = lose_ > 0;
  lose_ -= lose ? 1 : 0;
  if (flip_ > 0) {
    --flip_;
    return static_cast<char>(c ^ static_cast<char>(1U << faults_.draw() % 8));
  }
  return c;
}

}  // namespace ferry::sim
