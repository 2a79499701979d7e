#include "tools/ferry/demo/linux_device.h"

#include "host/failure.h"

namespace ferry::tool {

LinuxDevice::LinuxDevice(std::string serial, Stage& stage)
    : serial_(std::move(serial)), stage_(stage), log_(stage.folder() / (serial_ + ".log")) {}

void LinuxDevice::power_on(std::int64_t clock_offset) {
  set_clock(clock_offset);
  const std::string base = (stage_.folder() / serial_).string();
  stage_.start("ferry-agent",
               {"--json", "--factory", base + ".factory", "--state", base, "--clock-offset", base + ".clock"},
               serial_ + ".log");
}

std::optional<Json> LinuxDevice::next_event() {
  const auto line = log_.next();
  if (!line) {
    return std::nullopt;
  }
  Json event = Json::parse(*line, nullptr, false);
  if (!event.is_object() || event.value("event", "").empty()) {
    throw host::Failure("device {} said: {}", serial_, *line);
  }
  return event;
}

void LinuxDevice::set_clock(std::int64_t offset) {
  stage_.write(serial_ + ".clock", std::to_string(offset) + "\n");
}

}  // namespace ferry::tool
