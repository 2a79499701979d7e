#include "host/ec_key.h"
#include "host/failure.h"
#include "host/text.h"
#include "host/uuid.h"
#include "tools/ferry/inspect.h"

namespace ferry::tool {
namespace {

constexpr const char* kMasked = "(secret, there)";
constexpr const char* kAbsent = "(none)";

std::string text(std::string_view view) {
  return std::string(view);
}

Json endpoint(const Endpoint& endpoint) {
  return {{"host", text(endpoint.host)},
          {"port", endpoint.port},
          {"user", text(endpoint.user)},
          {"password", endpoint.password.empty() ? kAbsent : kMasked}};
}

Json parameters(const FactoryParameters& factory) {
  Json document{{"device-id", host::to_string(factory.device_id)},
                {"serial", text(factory.serial)},
                {"product", text(factory.product)},
                {"hardware", text(factory.hardware)},
                {"vendor-id", host::to_string(factory.vendor_id)},
                {"class-id", host::to_string(factory.class_id)}};
  Json anchors = Json::array();
  for (std::size_t i = 0; i < factory.anchor_count; ++i) {
    anchors.push_back({{"algorithm", factory.anchors[i].algorithm}, {"key", host::to_hex(factory.anchors[i].key)}});
  }
  document["trust-anchors"] = anchors;
  document["decryption-key"] = factory.keys.ecdh ? kMasked : kAbsent;
  if (factory.keys.ecdh) {
    document["decryption-public-key"] =
        host::to_hex(host::EcPrivateKey::from_scalar(*factory.keys.ecdh).public_key().point());
  }
  document["key-encryption-key"] = factory.keys.key_encryption ? kMasked : kAbsent;
  document["seal-key"] = factory.seal_key ? kMasked : kAbsent;
  Json components = Json::array();
  for (std::size_t i = 0; i < factory.component_count; ++i) {
    const ComponentName& component = factory.components[i];
    components.push_back({{"name", text(component.name)},
                          {"kind", component.kind == ComponentKind::kImage ? "image" : "handler"},
                          {"program", text(component.program)}});
  }
  document["components"] = components;
  return document;
}

std::string clock(int minutes) {
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

Json settings(const Settings& settings) {
  const WindowSettings& window = settings.window;
  const int zone = window.zone_minutes;
  return {{"ftp", endpoint(settings.ftp)},
          {"ftp-root", text(settings.ftp_root)},
          {"business", endpoint(settings.business)},
          {"window",
           {{"start", clock(window.start_minute)},
            {"minutes", window.length_minutes},
            {"days", host::format_days(window.days)},
            {"zone", (zone < 0 ? "-" : "+") + clock(zone < 0 ? -zone : zone)}}},
          {"flash",
           {{"sector", settings.flash.sector_size},
            {"slot", settings.flash.slot_size},
            {"staging", settings.flash.staging_size},
            {"second", settings.flash.second_size}}},
          {"trial-seconds", settings.trial_seconds},
          {"report-seconds", settings.report_seconds},
          {"stale-days", settings.stale_days},
          {"expiring-without-clock", settings.expiring_without_clock},
          {"device-manifest", settings.device_manifest}};
}

// The file's first key, whatever became of the rest.
bool claims_to_be_one(ByteView bytes) {
  constexpr std::string_view kStart(
      "\xA4\x00\x6D"
      "ferry-factory",
      16);
  return bytes.size() > kStart.size() && equal(bytes.first(kStart.size()), as_bytes(kStart));
}

}  // namespace

std::optional<Json> inspect_factory(const InspectInput& input) {
  const auto factory = decode_factory(input.bytes);
  if (!factory && !claims_to_be_one(input.bytes)) {
    return std::nullopt;
  }
  if (!factory) {
    throw host::Failure("{}: a factory file that is damaged ({}); make it again with: ferry provision",
                        input.file.string(), name(factory.error()));
  }
  return Json{{"file", input.file.string()},
              {"kind", "factory parameters"},
              {"size", input.bytes.size()},
              {"parameters", parameters(factory->parameters)},
              {"settings", settings(factory->settings)}};
}

}  // namespace ferry::tool
