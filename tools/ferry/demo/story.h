// How the demo tells what happens: for people, or one JSON object a line.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tools/ferry/output.h"

namespace ferry::tool {

// What became of one device, for the table at the end.
struct DeviceRecord {
  std::string name;      // "meter 0001"
  std::string hardware;  // "r2"
  std::string before;
  std::string after;
  std::string outcome;                         // "upgraded", "refused: not_for_this_device"
  std::uint64_t bytes = 0;                     // over the air, of the visit
  std::map<std::string, std::uint64_t> times;  // milliseconds by event, since the visit began
};

class Story {
 public:
  explicit Story(bool json) : json_(json) {}

  void chapter(const std::string& title);
  void command(const std::string& line);
  void tell(const std::string& text);
  void device(const std::string& name, const Json& event);
  void end(const std::vector<DeviceRecord>& devices, std::uint64_t payload_bytes, double seconds);

 private:
  bool json_;
  int chapter_ = 0;
};

}  // namespace ferry::tool
