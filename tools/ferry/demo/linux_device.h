// ferry-agent, as on embedded Linux.
#pragma once

#include "tools/ferry/demo/device.h"
#include "tools/ferry/demo/log_tail.h"

namespace ferry::tool {

class LinuxDevice final : public Device {
 public:
  LinuxDevice(std::string serial, Stage& stage);

  void power_on(std::int64_t clock_offset) override;
  [[nodiscard]] std::optional<Json> next_event() override;
  void set_clock(std::int64_t offset) override;
  [[nodiscard]] bool begins_blank() const override { return true; }

 private:
  std::string serial_;
  Stage& stage_;
  LogTail log_;
};

}  // namespace ferry::tool
