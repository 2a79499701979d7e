#include "device/factory/factory_check.h"

#include <algorithm>

namespace ferry {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxHost = 253;  // of a name in the DNS
constexpr std::size_t kMaxCredential = 128;
constexpr std::size_t kMaxPath = 128;
constexpr std::size_t kMaxProgram = 256;
constexpr std::uint32_t kSmallestSector = 256;
constexpr std::uint32_t kLargestSector = 1U << 20;
constexpr std::uint32_t kLargestArea = 1U << 30;
constexpr std::int16_t kLargestZone = 14 * 60;
constexpr std::uint16_t kMinutesPerDay = 1440;
constexpr std::uint8_t kEveryDay = 0x7F;
constexpr std::uint32_t kLongestSeconds = 30 * 86400;
constexpr std::uint32_t kLongestDays = 36500;

bool is_control(char character) {
  return static_cast<unsigned char>(character) < 0x20 || character == 0x7F;
}

// A line break in a text would end a command of the protocol that it is used in.
bool is_line(std::string_view text, std::size_t shortest, std::size_t longest) {
  return text.size() >= shortest && text.size() <= longest && std::ranges::none_of(text, is_control);
}

bool is_host(std::string_view text) {
  const auto graphic = [](char character) { return character > ' ' && character <= '~'; };
  return !text.empty() && text.size() <= kMaxHost && std::ranges::all_of(text, graphic);
}

bool is_root(std::string_view path) {
  if (!is_line(path, 0, kMaxPath)) {
    return false;
  }
  if (path.starts_with('/')) {
    path.remove_prefix(1);
  }
  return path.empty() || has_plain_segments(path);
}

bool is_endpoint(const Endpoint& endpoint) {
  return is_host(endpoint.host) && endpoint.port != 0 && is_line(endpoint.user, 0, kMaxCredential) &&
         is_line(endpoint.password, 0, kMaxCredential);
}

bool is_anchor(const cose::TrustAnchor& anchor) {
  constexpr std::uint8_t uncompressed = 0x04;
  return (anchor.algorithm == cose::kEsp256 || anchor.algorithm == cose::kEs256Deprecated) &&
         anchor.key[0] == uncompressed;
}

// One byte is what the application and staging are named by.
bool is_component(const ComponentName& component) {
  const bool handler = component.kind == ComponentKind::kHandler;
  return (handler || component.kind == ComponentKind::kImage) && is_line(component.name, 2, kMaxName) &&
         is_line(component.program, 0, handler ? kMaxProgram : 0);
}

bool are_components(std::span<const ComponentName> components) {
  for (std::size_t i = 0; i < components.size(); ++i) {
    const auto same = [&](const ComponentName& other) { return other.name == components[i].name; };
    if (!is_component(components[i]) || std::ranges::any_of(components.first(i), same)) {
      return false;
    }
  }
  return true;
}

bool are_parameters(const FactoryParameters& parameters) {
  if (parameters.anchor_count < 1 || parameters.anchor_count > kMaxAnchors ||
      parameters.component_count > kMaxComponentNames) {
    return false;
  }
  const auto anchors = std::span(parameters.anchors).first(parameters.anchor_count);
  return is_line(parameters.serial, 1, kMaxName) && is_line(parameters.product, 1, kMaxPath) &&
         has_plain_segments(parameters.product) && is_line(parameters.hardware, 0, kMaxName) &&
         std::ranges::all_of(anchors, is_anchor) &&
         are_components(std::span(parameters.components).first(parameters.component_count));
}

bool is_window(const WindowSettings& window) {
  return window.zone_minutes >= -kLargestZone && window.zone_minutes <= kLargestZone &&
         window.start_minute < kMinutesPerDay && window.length_minutes >= 1 &&
         window.length_minutes <= kMinutesPerDay && window.days >= 1 && window.days <= kEveryDay;
}

bool is_area(std::uint32_t size, std::uint32_t sector) {
  return size <= kLargestArea && size % sector == 0;
}

bool is_flash(const FlashSettings& flash) {
  const std::uint32_t sector = flash.sector_size;
  const bool power_of_two = (sector & (sector - 1)) == 0;
  return sector >= kSmallestSector && sector <= kLargestSector && power_of_two && flash.slot_size != 0 &&
         flash.staging_size != 0 && is_area(flash.slot_size, sector) && is_area(flash.staging_size, sector) &&
         is_area(flash.second_size, sector);
}

bool are_settings(const Settings& settings) {
  return is_endpoint(settings.ftp) && is_endpoint(settings.business) && is_root(settings.ftp_root) &&
         is_window(settings.window) && is_flash(settings.flash) && settings.trial_seconds >= 1 &&
         settings.trial_seconds <= kLongestSeconds && settings.report_seconds >= 1 &&
         settings.report_seconds <= kLongestSeconds && settings.stale_days <= kLongestDays;
}

}  // namespace

Status check_factory(const FactoryFile& file) {
  return are_parameters(file.parameters) && are_settings(file.settings) ? ok() : fail(Error::kInvalidArgument);
}

}  // namespace ferry
