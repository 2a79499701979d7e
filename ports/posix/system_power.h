// The power supply, as the Linux kernel tells it in /sys/class/power_supply.
#pragma once

#include <filesystem>
#include <optional>

#include "device/base/power.h"
#include "device/base/time.h"

namespace ferry::posix {

// For a device that always hangs on the mains.
class MainsPower final : public Power {
 public:
  [[nodiscard]] PowerStatus status() override { return {}; }
};

// One folder for each supply. On mains when a supply other than a battery is online, or when there is no battery at
// all; energy is the sum of the batteries that feed the system; a brown-out is announced by a capacity_level of
// "Critical". Read at most once a second.
class SystemPower final : public Power {
 public:
  explicit SystemPower(std::filesystem::path folder = "/sys/class/power_supply") : folder_(std::move(folder)) {}

  [[nodiscard]] PowerStatus status() override;

 private:
  std::filesystem::path folder_;
  std::optional<Instant> read_at_;
  PowerStatus status_;
};

}  // namespace ferry::posix
