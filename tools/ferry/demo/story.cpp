#include "tools/ferry/demo/story.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace ferry::tool {
namespace {

struct Line {
  std::string_view event;
  std::string_view text;
};

// What a newcomer reads where the device says only the event's name; and what differs for its very first firmware.
constexpr Line kSentences[] = {
    {"boot", "boot decision: {action} of slot {slot}"},
    {"started", "runs firmware {version}"},
    {"window", "its upgrade moment has come"},
    {"jump", "leaves the business server, connects to the FTP server, asks for the security file first"},
    {"downloading", "the manifest is authentic, for this device, and newer: downloads {version}"},
    {"downloaded", "payload complete; its digest is the manifest's"},
    {"burnt", "decrypted, burnt into the spare slot; the image's digest is the manifest's"},
    {"reset", "resets"},
    {"trial", "runs {version} on trial: it has to log in to the business server"},
    {"confirmed", "logged in: {version} is confirmed, the floor rises, the upgrade is complete"},
    {"refused", "refuses the manifest: {error}. Nothing more is downloaded"},
    {"nothing_newer", "nothing newer there; back to work"},
    {"reverted", "went back to {version}: {error}"},
    {"failed", "this visit failed ({error}); it will try again"},
    {"warning", "warning: {error}"},
};
constexpr Line kFirstSentences[] = {
    {"recovery", "boot decision: no firmware yet, so nothing to start"},
    {"started", "has no work to leave, so it waits for no moment"},
    {"window", ""},
    {"jump", "connects to the FTP server, asks for the security file first"},
    {"downloading", "the manifest is authentic and for this device: downloads {version}"},
    {"burnt", "decrypted, burnt into an empty slot; the image's digest is the manifest's"},
    {"confirmed", "logged in: {version} is confirmed, and the floor is set"},
};

void replace(std::string& text, std::string_view what, const std::string& with) {
  const std::size_t at = text.find(what);
  if (at != std::string::npos) {
    text.replace(at, what.size(), with);
  }
}

template <std::size_t N>
std::optional<std::string> find(const Line (&lines)[N], std::string_view event) {
  const auto found =
      std::find_if(std::begin(lines), std::end(lines), [&](const Line& line) { return line.event == event; });
  return found == std::end(lines) ? std::nullopt : std::optional(std::string(found->text));
}

std::string sentence(const Json& event, bool first) {
  std::string kind = event.value("event", "");
  if (kind == "boot" && event.value("action", "") == "recovery") {
    kind = "recovery";
  }
  auto found = first ? find(kFirstSentences, kind) : std::nullopt;
  if (!found) {
    found = find(kSentences, kind);
  }
  std::string text = found.value_or(kind);
  for (const char* name : {"action", "slot", "version", "error"}) {
    replace(text, fmt::format("{{{}}}", name), event.value(name, ""));
  }
  return text;
}

// "231.2 V": voltage, current, power and energy of a meter.
std::string measured(const Json& reading) {
  if (!reading.contains("value") || !reading["value"].is_number()) {
    return reading.value("name", "?");
  }
  return fmt::format("{:.2f} {}", reading["value"].get<double>(), reading.value("unit", ""));
}

std::string between(const DeviceRecord& device, const std::string& from, const std::string& to) {
  const auto start = device.times.find(from);
  const auto end = device.times.find(to);
  return start == device.times.end() || end == device.times.end() || end->second < start->second
             ? "-"
             : fmt::format("{} ms", end->second - start->second);
}

std::string at(const DeviceRecord& device, const std::string& event) {
  const auto found = device.times.find(event);
  return found == device.times.end() ? "-" : fmt::format("{} ms", found->second);
}

Json to_json(const DeviceRecord& device) {
  Json row = {{"device_name", device.name},  {"hardware", device.hardware}, {"before", device.before},
              {"after", device.after},       {"outcome", device.outcome},   {"bytes_over_the_air", device.bytes},
              {"image_bytes", device.image}, {"drops", device.drops},       {"milliseconds", device.times}};
  for (const ProgramMemory& program : device.memory) {
    row["memory"][program.program] = {
        {"flash", program.flash}, {"ram_objects", program.objects}, {"ram_stack", program.stack}};
  }
  return row;
}

}  // namespace

void Story::line(const std::string& text) const {
  fmt::print("{}\n", text);
  flush_output();
}

void Story::json_line(const Json& document) const {
  print_json_line(document);
  flush_output();
}

void Story::chapter(const std::string& title) {
  ++chapter_;
  if (json_) {
    return json_line({{"event", "chapter"}, {"number", chapter_}, {"title", title}});
  }
  line(fmt::format("\n{}. {}", chapter_, title));
}

void Story::command(const std::string& text) {
  if (json_) {
    return json_line({{"event", "command"}, {"command", text}});
  }
  line("     $ " + text);
}

void Story::tell(const std::string& text) {
  if (json_) {
    return json_line({{"event", "note"}, {"text", text}});
  }
  line("   " + text);
}

void Story::device(const std::string& name, const Json& event, bool first) {
  if (json_) {
    Json document = event;
    document["device_name"] = name;
    return json_line(document);
  }
  const std::string text = event.value("event", "") == "progress" ? "" : sentence(event, first);
  if (!text.empty()) {
    line(fmt::format("   [{}] {}", name, text));
  }
}

void Story::readings(const std::string& name, const std::string& version, const Json& readings, const Json& sealed) {
  if (json_) {
    return json_line({{"event", "readings"},
                      {"device_name", name},
                      {"version", version},
                      {"readings", readings},
                      {"sealed", sealed}});
  }
  std::string values;
  for (const Json& reading : readings) {
    values += (values.empty() ? "" : ", ") + measured(reading);
  }
  const std::string seals = sealed.is_object() ? fmt::format(" ({} sealed messages, {} missing)",
                                                             sealed.value("messages", 0), sealed.value("missing", 0))
                                               : "";
  line(fmt::format("   [business server] {} on {}: {}{}", name, version, values, seals));
}

void Story::drop(const std::string& name, std::uint32_t number, std::uint32_t of) {
  if (json_) {
    return json_line({{"event", "drop"}, {"device_name", name}, {"number", number}, {"of", of}});
  }
  line(fmt::format("   [network] cuts the download of {} in the middle, {} of {}; it goes on from where it was", name,
                   number, of));
}

void Story::end(const std::vector<DeviceRecord>& devices, std::uint64_t payload_bytes, double seconds) {
  if (!json_) {
    table(devices);
    memory_table(devices);
    return line(fmt::format("\n   The whole image has {} bytes; all in {:.1f} s.", payload_bytes, seconds));
  }
  Json rows = Json::array();
  for (const DeviceRecord& device : devices) {
    rows.push_back(to_json(device));
  }
  json_line(
      {{"event", "result"}, {"ok", true}, {"payload_bytes", payload_bytes}, {"seconds", seconds}, {"devices", rows}});
}

void Story::table(const std::vector<DeviceRecord>& devices) const {
  constexpr auto row = "   {:<10} {:<8} {:>6} {:>6} {:>12} {:>9} {:>5} {:>8} {:>8} {:>7} {:>8}  {}";
  line("");
  line(fmt::format(row, "device", "hardware", "before", "after", "over the air", "image", "drops", "manifest",
                   "download", "burn", "login", "outcome"));
  for (const DeviceRecord& device : devices) {
    line(fmt::format(row, device.name, device.hardware, device.before, device.after, fmt::format("{} B", device.bytes),
                     device.image == 0 ? "-" : fmt::format("{} B", device.image), device.drops,
                     between(device, "jump", "downloading"), between(device, "downloading", "downloaded"),
                     between(device, "downloaded", "burnt"), at(device, "confirmed"), device.outcome));
  }
}

void Story::memory_table(const std::vector<DeviceRecord>& devices) const {
  constexpr auto row = "   {:<10} {:<12} {:>10} {:>11} {:>10}";
  bool begun = false;
  for (const DeviceRecord& device : devices) {
    for (const ProgramMemory& program : device.memory) {
      if (!std::exchange(begun, true)) {
        line("\n" + fmt::format(row, "device", "program", "flash", "RAM objects", "RAM stack"));
      }
      line(fmt::format(row, device.name, program.program, fmt::format("{} B", program.flash),
                       fmt::format("{} B", program.objects),
                       program.stack == 0 ? "-" : fmt::format("{} B", program.stack)));
    }
  }
  if (begun) {
    line("   The decoder of deltas is a part of the application, and counted in its line too.");
  }
}

}  // namespace ferry::tool
