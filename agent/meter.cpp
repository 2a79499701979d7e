#include "agent/meter.h"

#include <cmath>
#include <numbers>
#include <string>

#include "device/senml/pack.h"

namespace ferry::agent {
namespace {

constexpr double kSecondsPerDay = 86400;
constexpr double kJoulesPerKwh = 3.6e6;

// A household's day: little at night, a hump in the morning, a larger one in the evening; each device a little other.
double load_watts(double second_of_day, double household) {
  const double hour = second_of_day / 3600;
  const auto hump = [hour](double at, double width) { return std::exp(-(hour - at) * (hour - at) / width); };
  const double ripple = 20 * std::sin(2 * std::numbers::pi * (second_of_day / 97 + household));
  return 180 + household * 120 + 900 * hump(7.5, 3) + 1500 * hump(19.5, 6) + ripple;
}

double household_of(const Uuid& device) {
  return device[15] / 255.0;
}

}  // namespace

Meter::Meter(const FactoryFile& factory, Clock& clock, BusinessLink& business)
    : factory_(factory), clock_(clock), business_(business) {
  reading_.energy = 1000 + 10 * household_of(factory.parameters.device_id);
  measured_ = clock.now();
}

void Meter::poll(Instant now, bool at_work) {
  measure(now);
  if (!at_work || now < next_report_ || business_.state() != LinkState::kOnline) {
    return;
  }
  if (report(now)) {
    next_report_ = now + std::chrono::seconds(factory_.settings.report_seconds);
  }
}

void Meter::measure(Instant now) {
  const auto wall = clock_.wall_time();
  const double seconds = wall ? static_cast<double>(wall->time_since_epoch().count()) : 0;
  const double household = household_of(factory_.parameters.device_id);
  const double elapsed = std::chrono::duration<double>(now - measured_).count();
  measured_ = now;
  reading_.voltage = 230 + 2.5 * std::sin(2 * std::numbers::pi * seconds / 611 + household * 7);
  reading_.power = load_watts(std::fmod(seconds, kSecondsPerDay), household);
  reading_.current = reading_.power / reading_.voltage;
  reading_.energy += reading_.power * elapsed / kJoulesPerKwh;
}

bool Meter::report(Instant now) {
  std::array<std::uint8_t, 256> buffer{};
  const auto wall = clock_.wall_time();
  const double time = wall ? static_cast<double>(wall->time_since_epoch().count()) : 0;
  const std::string name = "urn:dev:ops:" + std::string(factory_.parameters.serial) + ":";
  senml::PackWriter pack(buffer, 4, name, time);
  pack.add("voltage", "V", reading_.voltage).add("current", "A", reading_.current);
  pack.add("power", "W", reading_.power).add("energy", "kWh", reading_.energy);
  const auto message = pack.finish();
  return message && business_.publish(Channel::kData, *message, now).has_value();
}

}  // namespace ferry::agent
