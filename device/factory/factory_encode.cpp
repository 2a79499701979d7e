#include "device/cbor/encoder.h"
#include "device/factory/factory_check.h"
#include "device/factory/factory_keys.h"

namespace ferry {
namespace {

using namespace factory_keys;

constexpr std::size_t kCrcSize = 4;

void add_parameters(cbor::Encoder& encoder, const FactoryParameters& parameters) {
  const std::size_t pairs = kParameterPairs + (parameters.keys.ecdh ? 1 : 0) +
                            (parameters.keys.key_encryption ? 1 : 0) + (parameters.seal_key ? 1 : 0);
  encoder.map(pairs);
  encoder.integer(kVendorId).bytes(parameters.vendor_id);
  encoder.integer(kClassId).bytes(parameters.class_id);
  encoder.integer(kDeviceId).bytes(parameters.device_id);
  encoder.integer(kSerial).text(parameters.serial);
  encoder.integer(kProduct).text(parameters.product);
  encoder.integer(kHardware).text(parameters.hardware);
  encoder.integer(kAnchors).array(parameters.anchor_count);
  for (const auto& anchor : std::span(parameters.anchors).first(parameters.anchor_count)) {
    encoder.array(2).integer(anchor.algorithm).bytes(anchor.key);
  }
  if (parameters.keys.ecdh) {
    encoder.integer(kEcdhKey).bytes(*parameters.keys.ecdh);
  }
  if (parameters.keys.key_encryption) {
    encoder.integer(kKeyEncryption).bytes(*parameters.keys.key_encryption);
  }
  encoder.integer(kComponents).array(parameters.component_count);
  for (const auto& component : std::span(parameters.components).first(parameters.component_count)) {
    encoder.array(3).text(component.name).unsigned_integer(static_cast<std::uint64_t>(component.kind));
    encoder.text(component.program);
  }
  if (parameters.seal_key) {
    encoder.integer(kSealKey).bytes(*parameters.seal_key);
  }
}

void add_endpoint(cbor::Encoder& encoder, const Endpoint& endpoint) {
  encoder.array(4).text(endpoint.host).unsigned_integer(endpoint.port);
  encoder.text(endpoint.user).text(endpoint.password);
}

void add_settings(cbor::Encoder& encoder, const Settings& settings) {
  const WindowSettings& window = settings.window;
  const FlashSettings& flash = settings.flash;
  encoder.map(kSettingPairs);
  encoder.integer(kFtp);
  add_endpoint(encoder, settings.ftp);
  encoder.integer(kFtpRoot).text(settings.ftp_root);
  encoder.integer(kBusiness);
  add_endpoint(encoder, settings.business);
  encoder.integer(kWindow).array(4).integer(window.zone_minutes).unsigned_integer(window.start_minute);
  encoder.unsigned_integer(window.length_minutes).unsigned_integer(window.days);
  encoder.integer(kFlash).array(4).unsigned_integer(flash.sector_size).unsigned_integer(flash.slot_size);
  encoder.unsigned_integer(flash.staging_size).unsigned_integer(flash.second_size);
  encoder.integer(kTrialSeconds).unsigned_integer(settings.trial_seconds);
  encoder.integer(kReportSeconds).unsigned_integer(settings.report_seconds);
  encoder.integer(kStaleDays).unsigned_integer(settings.stale_days);
  encoder.integer(kExpiringWithoutClock).boolean(settings.expiring_without_clock);
  encoder.integer(kDeviceManifest).boolean(settings.device_manifest);
}

}  // namespace

Result<ByteView> encode_factory(const FactoryFile& file, ByteSpan buffer) {
  FERRY_TRY(check_factory(file));
  cbor::Encoder encoder(buffer);
  encoder.map(kFilePairs).integer(kFileMagic).text(kMagic).integer(kFileFormat).unsigned_integer(kFormat);
  encoder.integer(kFileParameters);
  add_parameters(encoder, file.parameters);
  encoder.integer(kFileSettings);
  add_settings(encoder, file.settings);
  FERRY_TRY_ASSIGN(const ByteView content, encoder.finish());
  if (buffer.size() - content.size() < kCrcSize) {
    return fail(Error::kNoSpace);
  }
  store_le32(buffer.subspan(content.size()), crc32(content));
  return ByteView(buffer.first(content.size() + kCrcSize));
}

}  // namespace ferry
