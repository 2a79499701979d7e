// A device of the demo: what runs the firmware, and how one hears of it.
#pragma once

#include <memory>
#include <optional>

#include "tools/ferry/demo/options.h"
#include "tools/ferry/demo/stage.h"

namespace ferry::tool {

class Device {
 public:
  virtual ~Device() = default;

  // Once, when there is a factory file `SERIAL.factory` and a first release. `clock_offset` as in set_clock().
  virtual void power_on(std::int64_t clock_offset) = 0;
  // What it did since, as `ferry-agent --json` prints it; nothing where that is all.
  [[nodiscard]] virtual std::optional<Json> next_event() = 0;
  // Shifts its time of day, by so many seconds from now's.
  virtual void set_clock(std::int64_t offset) = 0;

  // It leaves the factory without a firmware, and installs its first one over the air.
  [[nodiscard]] virtual bool begins_blank() const = 0;

  virtual void ask_memory() {}
  // What its programs take of its memory, as it says itself; nothing while it has not answered. Empty where it has an
  // operating system.
  [[nodiscard]] virtual std::optional<std::vector<ProgramMemory>> memory() const {
    return std::vector<ProgramMemory>();
  }
};

// `serial` names its files in the stage's folder.
[[nodiscard]] std::unique_ptr<Device> make_device(const DemoOptions& options, const std::string& serial, Stage& stage,
                                                  Story& story);

}  // namespace ferry::tool
