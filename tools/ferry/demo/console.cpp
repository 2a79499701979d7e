#include "tools/ferry/demo/console.h"

#include <regex>

#include "device/base/error.h"

namespace ferry::tool {
namespace {

std::optional<Json> boot_event(const std::string& line) {
  static const std::regex decided("boot: (.+), (trying|starting) slot ([AB]), version ([^ ;]+).*");
  std::smatch found;
  if (!std::regex_match(line, found, decided)) {
    return std::nullopt;
  }
  return Json{{"event", "boot"},
              {"cause", found[1].str()},
              {"action", found[2] == "trying" ? "trial" : "start"},
              {"version", found[4].str()},
              {"slot", found[3].str()}};
}

std::optional<Json> upgrade_event(const std::string& line) {
  static const std::regex told(
      "meter: ([a-z_]+)(?: ([0-9][^ ,]*))?(?:, error ([0-9]+))?(?:, ([0-9]+) bytes over the air)?, ([0-9]+) ms");
  std::smatch found;
  if (!std::regex_match(line, found, told)) {
    return std::nullopt;
  }
  Json event = {{"event", found[1].str()},
                {"version", found[2].str()},
                {"bytes", found[4].matched ? std::stoull(found[4]) : 0},
                {"milliseconds", std::stoull(found[5])}};
  if (found[3].matched) {
    const auto error = static_cast<Error>(std::stoul(found[3]));
    event["error"] = name(error);
    event["error_number"] = static_cast<unsigned>(error);
  }
  return event;
}

std::optional<Json> progress_event(const std::string& line) {
  static const std::regex shown("meter: ([a-z_]+) ([0-9]+) %");
  std::smatch found;
  if (!std::regex_match(line, found, shown)) {
    return std::nullopt;
  }
  return Json{{"event", "progress"}, {"phase", found[1].str()}, {"done", std::stoul(found[2])}, {"total", 100}};
}

std::optional<Json> stuck_event(const std::string& line) {
  static const std::regex stuck("(boot: .*no slot may start|boot: no cryptography|boot: error|meter: cannot start).*");
  return std::regex_match(line, stuck) ? std::optional(Json{{"event", "failed"}, {"error", line}}) : std::nullopt;
}

}  // namespace

std::optional<Json> console_event(const std::string& line) {
  for (const auto& reads : {boot_event, upgrade_event, progress_event, stuck_event}) {
    if (auto event = reads(line)) {
      return event;
    }
  }
  return std::nullopt;
}

std::optional<ConsoleMemory> console_memory(const std::string& line) {
  static const std::regex told(
      "(boot|meter): (?:took [0-9]+ ms, )?([0-9]+) bytes of stack, ([0-9]+) of objects(?:, [0-9]+ of arena)?");
  static const std::regex decoder("meter: of these the decoder's ([0-9]+) of objects, ([0-9]+) of flash");
  std::smatch found;
  if (std::regex_match(line, found, told)) {
    return ConsoleMemory{.program = found[1] == "boot" ? "bootloader" : "application",
                         .stack = std::stoull(found[2]),
                         .objects = std::stoull(found[3])};
  }
  if (std::regex_match(line, found, decoder)) {
    return ConsoleMemory{.program = "decoder", .objects = std::stoull(found[1]), .flash = std::stoull(found[2])};
  }
  return std::nullopt;
}

}  // namespace ferry::tool
