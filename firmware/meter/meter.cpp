#include "firmware/meter/meter.h"

#include "device/senml/pack.h"

#ifndef FERRY_METER_NEXT
#define FERRY_METER_NEXT 0
#endif

namespace ferry::firmware {
namespace {

constexpr bool kNext{FERRY_METER_NEXT};

constexpr Duration kInterval = 1s;
constexpr double kWattSecondsPerKwh = 3.6e6;

}  // namespace

Meter::Meter(const FactoryFile& factory, Clock& clock, BusinessLink& business)
    : factory_(factory), clock_(clock), business_(business) {}

void Meter::poll(Instant now, bool at_work) {
  if (now - measured_ >= kInterval) {
    measure(now);
  }
  if (at_work && now >= next_report_ && business_.state() == LinkState::kOnline && report(now)) {
    next_report_ = now + std::chrono::seconds(factory_.settings.report_seconds);
  }
}

// Plausible readings: no measuring front end is emulated.
void Meter::measure(Instant now) {
  const auto seconds = static_cast<std::uint32_t>((now - measured_).count() / 1000);
  measured_ = now;
  const auto ripple = static_cast<std::uint32_t>(now.time_since_epoch().count() / 1000 % 97);
  power_watts_ = 180 + ripple * 3 + factory_.parameters.device_id[15];
  decivolts_ = 2290 + ripple % 20;
  millihertz_ = 49'950 + ripple;
  watt_seconds_ += std::uint64_t{power_watts_} * seconds;
}

bool Meter::report(Instant now) {
  std::array<std::uint8_t, 256> buffer{};
  std::array<char, 80> name{};
  constexpr std::string_view urn = "urn:dev:ops:";
  const std::string_view serial = factory_.parameters.serial;
  if (urn.size() + serial.size() + 1 > name.size()) {
    return false;
  }
  std::size_t size = urn.copy(name.data(), urn.size());
  size += serial.copy(name.data() + size, serial.size());
  name[size++] = ':';
  const auto wall = clock_.wall_time();
  senml::PackWriter pack(buffer, kNext ? 4 : 3, {name.data(), size},
                         wall ? static_cast<double>(wall->time_since_epoch().count()) : 0);
  pack.add("voltage", "V", decivolts_ / 10.0).add("power", "W", power_watts_);
  pack.add("energy", "kWh", static_cast<double>(watt_seconds_) / kWattSecondsPerKwh);
  if (kNext) {
    pack.add("frequency", "Hz", millihertz_ / 1000.0);
  }
  const auto message = pack.finish();
  return message && business_.publish(Channel::kData, *message, now);
}

}  // namespace ferry::firmware
