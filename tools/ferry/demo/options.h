// What `ferry demo` is told.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ferry::tool {

struct DemoOptions {
  bool json = false;
  bool keep = false;
  bool dashboard = false;  // waits for whoever opens the business server's dashboard, before and after
  std::string ftp_server = "builtin";
  std::uint32_t drops = 0;                    // times that the upgrade's download is broken off
  std::vector<std::filesystem::path> images;  // old and new; empty: two of a Debian package
  bool mcu = false;                           // the devices are emulated microcontrollers
  std::filesystem::path firmware;             // what they run: a folder as script/firmware makes; empty: that one
};

}  // namespace ferry::tool
