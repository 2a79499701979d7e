// How the demo tells what happens: for people, or one JSON object a line.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tools/ferry/output.h"

namespace ferry::tool {

// What a program takes of a microcontroller's memory, in bytes.
struct ProgramMemory {
  std::string program;  // "bootloader", "application"; "decoder": what of the latter is for deltas
  std::uint64_t flash = 0;
  std::uint64_t objects = 0;  // in RAM
  std::uint64_t stack = 0;    // the most of it that was in use
};

// What became of one device, for the table at the end.
struct DeviceRecord {
  std::string name;      // "meter 0001"
  std::string hardware;  // "r2"
  std::string before;
  std::string after;
  std::string outcome;                         // "upgraded", "refused: not_for_this_device"
  std::uint64_t bytes = 0;                     // over the air, of the visit
  std::uint64_t image = 0;                     // bytes of the image that it has now; 0: no new one
  std::uint32_t drops = 0;                     // times that its download was broken off
  std::map<std::string, std::uint64_t> times;  // milliseconds by event, since the visit began
  std::vector<ProgramMemory> memory;           // of a microcontroller
};

class Story {
 public:
  explicit Story(bool json) : json_(json) {}

  void chapter(const std::string& title);
  void command(const std::string& line);
  void tell(const std::string& text);
  // `first`: on its way to its first firmware.
  void device(const std::string& name, const Json& event, bool first);
  // What the business server has from it.
  void readings(const std::string& name, const std::string& version, const Json& readings, const Json& sealed);
  void drop(const std::string& name, std::uint32_t number, std::uint32_t of);
  void end(const std::vector<DeviceRecord>& devices, std::uint64_t payload_bytes, double seconds);

 private:
  void line(const std::string& text) const;
  void json_line(const Json& document) const;
  void table(const std::vector<DeviceRecord>& devices) const;
  void memory_table(const std::vector<DeviceRecord>& devices) const;

  bool json_;
  int chapter_ = 0;
};

}  // namespace ferry::tool
