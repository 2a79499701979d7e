#include "agent/log.h"

#include <cstdio>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ferry::agent {
namespace {

using nlohmann::json;

constexpr std::uint32_t kProgressStep = 5;  // percent

std::string_view name_of(BootAction action) {
  switch (action) {
    case BootAction::kStart:
      return "start";
    case BootAction::kTrial:
      return "trial";
    case BootAction::kRecovery:
      return "recovery";
  }
  return "unknown";
}

std::string_view name_of(ResetCause cause) {
  switch (cause) {
    case ResetCause::kPowerOn:
      return "power on";
    case ResetCause::kSoftware:
      return "reset";
    case ResetCause::kWatchdog:
      return "watchdog";
  }
  return "unknown";
}

std::string slot_name(SlotSet slots) {
  return slots.slot(0) == SlotId::kA ? "A" : "B";
}

// What a person wants to read where a machine gets the event's name.
std::string sentence(const Event& event) {
  const std::string version = to_string(event.version);
  const auto error = name(event.error);
  switch (event.kind) {
    case EventKind::kStarted:
      return version.empty() ? "started without a firmware: looking for the first one"
                             : fmt::format("started firmware {}", version);
    case EventKind::kWindow:
      return "the upgrade moment has come";
    case EventKind::kJump:
      return "leaving the business server for the FTP server";
    case EventKind::kRefused:
      return fmt::format("manifest refused: {}", error);
    case EventKind::kNothingNewer:
      return "nothing newer in the repository";
    case EventKind::kDownloading:
      return fmt::format("manifest accepted: authentic, for this device, newer. Downloading {}", version);
    case EventKind::kDownloaded:
      return "download complete and intact";
    case EventKind::kBurnt:
      return "decrypted, burnt, and matches the manifest";
    case EventKind::kReset:
      return "resetting into the new firmware";
    case EventKind::kTrial:
      return fmt::format("firmware {} runs on trial: it has to log in to the business server", version);
    case EventKind::kConfirmed:
      return fmt::format("logged in: firmware {} is confirmed", version);
    case EventKind::kReverted:
      return fmt::format("went back to firmware {}: {}", version, error);
    case EventKind::kFailed:
      return fmt::format("this visit failed: {}. Will try again", error);
    case EventKind::kStale:
      return "the repository has shown nothing new for longer than the settings allow";
    case EventKind::kWarning:
      return fmt::format("warning: {}", error);
  }
  return std::string(name(event.kind));
}

void print(const json& line) {
  fmt::print("{}\n", line.dump(-1, ' ', false, json::error_handler_t::replace));
  std::fflush(stdout);
}

}  // namespace

std::string to_string(const suit::Version& version) {
  std::array<std::uint8_t, 96> buffer{};
  const auto text = version.count > 0 ? version.format(buffer) : Result<std::string_view>(std::string_view());
  return text ? std::string(*text) : std::string("?");
}

Log::Log(Form form, const FactoryFile& factory)
    : form_(form), device_(to_text(factory.parameters.device_id).data()), serial_(factory.parameters.serial) {}

void Log::booted(const BootDecision& decision, ResetCause cause) {
  const std::string version = to_string(decision.version);
  if (form_ == Form::kJson) {
    json line = {{"event", "boot"},
                 {"device", device_},
                 {"serial", serial_},
                 {"cause", name_of(cause)},
                 {"action", name_of(decision.action)},
                 {"version", version}};
    if (decision.action != BootAction::kRecovery) {
      line["slot"] = slot_name(decision.slots);
      line["sequence"] = decision.release.sequence;
    }
    if (decision.reason != Error{}) {
      line["reason"] = name(decision.reason);
    }
    return print(line);
  }
  std::string text = fmt::format("boot after {}: ", name_of(cause));
  text += decision.action == BootAction::kRecovery
              ? "no slot holds a firmware that may run"
              : fmt::format("{} slot {}, firmware {}", decision.action == BootAction::kTrial ? "trying" : "starting",
                            slot_name(decision.slots), version);
  if (decision.reason != Error{}) {
    text += fmt::format(" ({})", name(decision.reason));
  }
  text_line(text);
}

void Log::on_event(const Event& event) {
  last_percent_ = 0;
  reverted_ = reverted_ || event.kind == EventKind::kReverted;
  if (form_ == Form::kText) {
    return text_line(sentence(event));
  }
  json line = {{"event", name(event.kind)},  {"device", device_},
               {"serial", serial_},          {"time", event.time},
               {"sequence", event.sequence}, {"version", to_string(event.version)},
               {"bytes", event.bytes},       {"milliseconds", event.milliseconds}};
  if (event.error != Error{}) {
    line["error"] = name(event.error);
    line["error_number"] = static_cast<unsigned>(event.error);
  }
  print(line);
}

void Log::on_progress(EventKind phase, std::uint32_t done, std::uint32_t total) {
  const auto percent = total == 0 ? 100 : static_cast<std::uint32_t>(std::uint64_t{done} * 100 / total);
  if (percent < last_percent_ + kProgressStep && percent != 100) {
    return;
  }
  if (percent == last_percent_) {
    return;
  }
  last_percent_ = percent;
  if (form_ == Form::kJson) {
    return print(
        {{"event", "progress"}, {"device", device_}, {"phase", name(phase)}, {"done", done}, {"total", total}});
  }
  text_line(fmt::format("{} {:3} %", phase == EventKind::kDownloading ? "downloading" : "burning", percent));
}

void Log::note(const std::string& text) {
  if (form_ == Form::kJson) {
    return print({{"event", "note"}, {"device", device_}, {"text", text}});
  }
  text_line(text);
}

void Log::text_line(const std::string& text) const {
  const std::time_t now = std::time(nullptr);
  fmt::print(stderr, "{:%Y-%m-%d %H:%M:%S} {} {}\n", fmt::localtime(now), serial_, text);
}

}  // namespace ferry::agent
