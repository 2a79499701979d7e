#include "sim/modem_faults.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace ferry::sim {

namespace {

// Faults that change what the module does anyway; the others are actions of their own.
const std::vector<std::string> kModifiers = {
    "urc-before", "urc-between",     "urc-after", "swap-order", "prompt",  "send-fail", "error",      "no-final",
    "in-use",     "no-recv",         "discard",   "lose",       "flip",    "split",     "qiact-lies", "wrong-clock",
    "no-trailer", "close-with-data", "refuse",    "small-host", "lose-up", "late-ok",
};
const std::vector<std::string> kActions = {
    "reboot", "mute", "pdpdeact", "echo-on", "urc", "cmux", "transparent", "registration", "power-down", "baud", "dead",
};

// Their opportunity is every byte.
bool is_of_bytes(std::string_view fault) {
  return fault == "lose" || fault == "flip" || fault == "lose-up";
}

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::uint64_t to_number(const std::string& text, const std::string& line) {
  std::size_t end = 0;
  std::uint64_t value = 0;
  try {
    value = std::stoull(text, &end);
  } catch (const std::exception&) {
    end = 0;
  }
  if (end == 0 || end != text.size()) {
    throw std::invalid_argument("'" + text + "' is no number in: " + line);
  }
  return value;
}

}  // namespace

const std::vector<std::string>& ModemFaults::names() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> list = kModifiers;
    list.insert(list.end(), kActions.begin(), kActions.end());
    std::sort(list.begin(), list.end());
    return list;
  }();
  return all;
}

ModemFaults ModemFaults::parse(std::string_view text) {
  ModemFaults plan;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string when;
    if (!(words >> when) || when.starts_with('#')) {
      continue;
    }
    Entry entry;
    std::string value;
    if (when == "seed") {
      words >> value;
      plan.seed_ = static_cast<std::uint32_t>(to_number(value, line));
      plan.random_.seed(plan.seed_);
      continue;
    }
    if (when != "always") {
      words >> value;
    }
    if (when == "on") {
      entry.when = When::kOn;
      entry.command = value.substr(0, value.find('#'));
      entry.value = value.find('#') == std::string::npos ? 0 : to_number(value.substr(value.find('#') + 1), line);
    } else if (when != "always") {
      entry.value = to_number(value, line);
      entry.when = when == "often" ? When::kOften : when == "at" ? When::kAt : When::kAfter;
      if (when != "often" && when != "at" && when != "after") {
        throw std::invalid_argument("begins with neither of always, often, on, at, after, seed: " + line);
      }
    }
    words >> entry.fault >> std::ws;
    std::getline(words, entry.argument);
    if (!contains(names(), entry.fault)) {
      throw std::invalid_argument("no such fault: " + line);
    }
    plan.entries_.push_back(entry);
  }
  return plan;
}

ModemFaults ModemFaults::random(std::uint32_t seed, std::string_view family) {
  std::mt19937 draw(seed);
  const auto below = [&](std::uint32_t limit) { return std::to_string(draw() % limit); };
  const std::string send = family == "quectel" ? "AT+QISEND" : family == "simcom" ? "AT+CIPSEND" : "AT+USOWR";
  const std::string read = family == "quectel" ? "AT+QIRD" : family == "simcom" ? "AT+CIPRXGET=2" : "AT+USORD";
  std::vector<std::string> choices = {
      "often " + below(60) + " urc-before",
      "often " + below(60) + " urc-between",
      "often " + below(60) + " urc-after",
      "often " + below(60) + " swap-order",
      "often " + below(50) + " no-recv",
      "often " + below(30) + " discard",
      "often " + below(60) + " close-with-data",
      "always split " + std::to_string(1 + draw() % 40),
      "often " + below(60) + " late-ok",
      "on " + send + "#" + std::to_string(1 + draw() % 8) + " send-fail",
      "on " + send + "#" + std::to_string(1 + draw() % 8) + " no-final",
      "on " + read + "#" + std::to_string(1 + draw() % 40) + " no-final",
      "on " + read + "#" + std::to_string(1 + draw() % 40) + " error",
      "after " + below(60000) + " lose " + std::to_string(1 + draw() % 3),
      "after " + below(60000) + " lose " + std::to_string(1 + draw() % 60),
      "at " + below(60000) + " lose " + std::to_string(1 + draw() % 5),
      "at " + below(60000) + " lose-up " + std::to_string(1 + draw() % 5),
      "after " + below(60000) + " pdpdeact",
      "after " + below(60000) + " echo-on",
      "at " + below(60000) + " echo-on",
      "after " + below(60000) + " reboot",
      "at " + below(30000) + " reboot",
      "at " + below(60000) + " mute " + std::to_string(500 + draw() % 20000),
      "after " + below(60000) + " dead",
      "at 0 cmux",
      "at 0 transparent",
      "always qiact-lies",
      "often 50 in-use",
  };
  std::string text = "seed " + std::to_string(seed) + "\n";
  for (auto count = 1 + draw() % 4; count > 0; --count) {
    text += choices[draw() % choices.size()] + "\n";
  }
  return parse(text);
}

std::string ModemFaults::text() const {
  std::ostringstream out;
  out << "seed " << seed_ << '\n';
  for (const Entry& entry : entries_) {
    switch (entry.when) {
      case When::kAlways:
        out << "always";
        break;
      case When::kOften:
        out << "often " << entry.value;
        break;
      case When::kAt:
        out << "at " << entry.value;
        break;
      case When::kAfter:
        out << "after " << entry.value;
        break;
      case When::kOn:
        out << "on " << entry.command;
        if (entry.value != 0) {
          out << '#' << entry.value;
        }
        break;
    }
    out << ' ' << entry.fault << (entry.argument.empty() ? "" : " ") << entry.argument << '\n';
  }
  return out.str();
}

void ModemFaults::count_command(std::string_view command) {
  for (Entry& entry : entries_) {
    if (entry.when == When::kOn && command.starts_with(entry.command)) {
      ++entry.seen;
      entry.counted = entry.value == 0 || entry.seen == entry.value;
    }
  }
}

bool ModemFaults::due(Entry& entry, std::string_view command) {
  bool hit = false;
  switch (entry.when) {
    case When::kAlways:
      hit = true;
      break;
    case When::kOften:
      hit = random_() % (is_of_bytes(entry.fault) ? 10'000 : 100) < entry.value;
      break;
    case When::kOn:
      hit = entry.counted && command.starts_with(entry.command);
      entry.counted = entry.counted && !hit;
      break;
    case When::kAt:
      hit = !entry.done && now_ >= Duration(static_cast<std::int64_t>(entry.value));
      break;
    case When::kAfter:
      hit = !entry.done && payload_ >= entry.value;
      break;
  }
  if (hit) {
    entry.done = true;
    entry.fired = true;
    argument_ = entry.argument;
  }
  return hit;
}

bool ModemFaults::hits(std::string_view fault, std::string_view command) {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](Entry& entry) { return entry.fault == fault && due(entry, command); });
}

bool ModemFaults::take_action(std::string& fault, std::string& argument, std::string_view command) {
  for (Entry& entry : entries_) {
    if (entry.when != When::kAlways && entry.when != When::kOften && contains(kActions, entry.fault) &&
        due(entry, command)) {
      fault = entry.fault;
      argument = entry.argument;
      return true;
    }
  }
  return false;
}

long ModemFaults::number(long otherwise) const {
  return argument_.empty() ? otherwise : std::strtol(argument_.c_str(), nullptr, 10);
}

Duration ModemFaults::next_at() const {
  Duration next = Duration::max();
  for (const Entry& entry : entries_) {
    if (entry.when == When::kAt && !entry.done) {
      next = std::min(next, Duration(static_cast<std::int64_t>(entry.value)));
    }
  }
  return next;
}

bool ModemFaults::has(std::string_view fault) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.fault == fault; });
}

bool ModemFaults::fired(std::string_view fault) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.fault == fault && entry.fired; });
}

std::vector<std::string> ModemFaults::unfired() const {
  std::vector<std::string> list;
  for (const Entry& entry : entries_) {
    if (!entry.fired) {
      list.push_back(entry.fault);
    }
  }
  return list;
}

}  // namespace ferry::sim
