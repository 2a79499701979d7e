#include "ports/posix/system_power.h"

#include <cstdint>
#include <fstream>
#include <string>
#include <system_error>

#include "ports/posix/system.h"

namespace ferry::posix {
namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string text;
  std::getline(stream, text);
  return text;
}

std::optional<std::uint64_t> number_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::uint64_t number = 0;
  return stream >> number ? std::optional(number) : std::nullopt;
}

// The kernel counts energy in uWh, charge in uAh and voltage in uV.
std::uint64_t milliwatt_hours(const std::filesystem::path& supply) {
  if (const auto energy = number_of(supply / "energy_now")) {
    return *energy / 1000;
  }
  const auto charge = number_of(supply / "charge_now");
  const auto voltage = number_of(supply / "voltage_now");
  return charge && voltage ? (*charge / 1000) * (*voltage / 1000) / 1000 : 0;
}

PowerStatus read_all(const std::filesystem::path& folder) {
  PowerStatus status;
  bool has_battery = false;
  bool is_fed = false;
  std::uint64_t energy = 0;
  std::error_code error;
  for (const auto& supply : std::filesystem::directory_iterator(folder, error)) {
    const std::filesystem::path& path = supply.path();
    if (text_of(path / "type") != "Battery") {
      is_fed = is_fed || number_of(path / "online").value_or(0) != 0;
    } else if (text_of(path / "scope") != "Device") {  // that would be the battery of a mouse
      has_battery = true;
      energy += milliwatt_hours(path);
      status.brown_out_warning = status.brown_out_warning || text_of(path / "capacity_level") == "Critical";
    }
  }
  status.on_mains = is_fed || !has_battery;
  status.battery_mwh = static_cast<std::uint32_t>(std::min<std::uint64_t>(energy, UINT32_MAX));
  status.brown_out_warning = status.brown_out_warning && !status.on_mains;
  return status;
}

}  // namespace

PowerStatus SystemPower::status() {
  const Instant now = monotonic_now();
  if (!read_at_ || now >= *read_at_ + 1s) {
    status_ = read_all(folder_);
    read_at_ = now;
  }
  return status_;
}

}  // namespace ferry::posix
