#include "tools/ferry/demo/device.h"

#include "tools/ferry/demo/linux_device.h"
#include "tools/ferry/demo/microcontroller.h"

namespace ferry::tool {

std::unique_ptr<Device> make_device(const DemoOptions& options, const std::string& serial, Stage& stage, Story& story) {
  if (options.mcu) {
    return std::make_unique<Microcontroller>(board_firmware(options), serial, stage, story);
  }
  return std::make_unique<LinuxDevice>(serial, stage);
}

}  // namespace ferry::tool
