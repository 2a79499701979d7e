#include "tools/ferry/demo/story.h"

#include <fmt/format.h>
#include <iostream>

namespace ferry::tool {
namespace {

struct Line {
  std::string_view event;
  std::string_view text;
};

// What a newcomer reads where the device says only the event's name.
constexpr Line kSentences[] = {
    {"boot", "boot decision: {action} {slot_words}"},
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

void replace(std::string& text, std::string_view what, const std::string& with) {
  const std::size_t at = text.find(what);
  if (at != std::string::npos) {
    text.replace(at, what.size(), with);
  }
}

std::string sentence(const Json& event) {
  const std::string kind = event.value("event", "");
  for (const Line& line : kSentences) {
    if (line.event == kind) {
      std::string text(line.text);
      const std::string slot = event.value("slot", "");
      replace(text, "{action}", event.value("action", ""));
      replace(text, "{slot_words}", slot.empty() ? "(no firmware yet)" : "of slot " + slot);
      replace(text, "{version}", event.value("version", ""));
      replace(text, "{error}", event.value("error", ""));
      return text;
    }
  }
  return kind;
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

}  // namespace

void Story::chapter(const std::string& title) {
  ++chapter_;
  if (json_) {
    return print_json_line({{"event", "chapter"}, {"number", chapter_}, {"title", title}});
  }
  fmt::print("\n{}. {}\n", chapter_, title);
  std::cout.flush();
}

void Story::command(const std::string& line) {
  if (json_) {
    return print_json_line({{"event", "command"}, {"command", line}});
  }
  fmt::print("     $ {}\n", line);
  std::cout.flush();
}

void Story::tell(const std::string& text) {
  if (json_) {
    return print_json_line({{"event", "note"}, {"text", text}});
  }
  fmt::print("   {}\n", text);
  std::cout.flush();
}

void Story::device(const std::string& name, const Json& event) {
  if (json_) {
    Json line = event;
    line["device_name"] = name;
    return print_json_line(line);
  }
  if (event.value("event", "") != "progress") {
    fmt::print("   [{}] {}\n", name, sentence(event));
    std::cout.flush();
  }
}

void Story::end(const std::vector<DeviceRecord>& devices, std::uint64_t payload_bytes, double seconds) {
  if (json_) {
    Json rows = Json::array();
    for (const DeviceRecord& device : devices) {
      rows.push_back({{"device_name", device.name},
                      {"hardware", device.hardware},
                      {"before", device.before},
                      {"after", device.after},
                      {"outcome", device.outcome},
                      {"bytes_over_the_air", device.bytes},
                      {"milliseconds", device.times}});
    }
    return print_json_line(
        {{"event", "result"}, {"ok", true}, {"payload_bytes", payload_bytes}, {"seconds", seconds}, {"devices", rows}});
  }
  constexpr auto row = "   {:<15} {:<9} {:>8} {:>8} {:>13} {:>10} {:>10} {:>8} {:>8}  {}\n";
  fmt::print("\n");
  fmt::print(row, "device", "hardware", "before", "after", "over the air", "manifest", "download", "burn", "login",
             "outcome");
  for (const DeviceRecord& device : devices) {
    fmt::print(row, device.name, device.hardware, device.before, device.after, fmt::format("{} B", device.bytes),
               between(device, "jump", "downloading"), between(device, "downloading", "downloaded"),
               between(device, "downloaded", "burnt"), at(device, "confirmed"), device.outcome);
  }
  fmt::print("\n   Payload {} bytes; all in {:.1f} s.\n", payload_bytes, seconds);
}

}  // namespace ferry::tool
