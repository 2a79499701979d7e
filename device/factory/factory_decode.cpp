#include <limits>

#include "device/cbor/decoder.h"
#include "device/factory/factory_check.h"
#include "device/factory/factory_keys.h"

namespace ferry {
namespace {

using namespace factory_keys;

constexpr std::size_t kCrcSize = 4;

// What fits T; check_factory() knows the ranges.
template <typename T>
Result<T> read_number(cbor::Decoder& decoder) {
  FERRY_TRY_ASSIGN(const std::uint64_t value, decoder.read_unsigned());
  if (value > std::numeric_limits<T>::max()) {
    return fail(Error::kInvalidArgument);
  }
  return static_cast<T>(value);
}

template <std::size_t kSize>
Result<std::array<std::uint8_t, kSize>> read_array_of(cbor::Decoder& decoder) {
  FERRY_TRY_ASSIGN(const ByteView bytes, decoder.read_bytes());
  if (bytes.size() != kSize) {
    return fail(Error::kInvalidArgument);
  }
  std::array<std::uint8_t, kSize> value{};
  copy(bytes, value);
  return value;
}

Status expect_array(cbor::Decoder& decoder, std::size_t wanted) {
  FERRY_TRY_ASSIGN(const std::size_t count, decoder.read_array());
  return count == wanted ? ok() : fail(Error::kInvalidArgument);
}

bool stands_at(const cbor::MapReader& map, std::int64_t key) {
  return !map.key_is_text() && map.key() == key;
}

Status expect_key(cbor::MapReader& map, std::int64_t key) {
  FERRY_TRY_ASSIGN(const bool more, map.next());
  return more && stands_at(map, key) ? ok() : fail(Error::kInvalidArgument);
}

Status expect_map_end(cbor::MapReader& map) {
  FERRY_TRY_ASSIGN(const bool more, map.next());
  return more ? fail(Error::kInvalidArgument) : ok();
}

Result<Endpoint> read_endpoint(cbor::Decoder& decoder) {
  Endpoint endpoint;
  FERRY_TRY(expect_array(decoder, 4));
  FERRY_TRY_ASSIGN(endpoint.host, decoder.read_text());
  FERRY_TRY_ASSIGN(endpoint.port, read_number<std::uint16_t>(decoder));
  FERRY_TRY_ASSIGN(endpoint.user, decoder.read_text());
  FERRY_TRY_ASSIGN(endpoint.password, decoder.read_text());
  return endpoint;
}

Status read_anchors(cbor::Decoder& decoder, FactoryParameters& parameters) {
  FERRY_TRY_ASSIGN(parameters.anchor_count, decoder.read_array());
  if (parameters.anchor_count > kMaxAnchors) {
    return fail(Error::kInvalidArgument);
  }
  for (auto& anchor : std::span(parameters.anchors).first(parameters.anchor_count)) {
    FERRY_TRY(expect_array(decoder, 2));
    FERRY_TRY_ASSIGN(anchor.algorithm, decoder.read_integer());
    FERRY_TRY_ASSIGN(anchor.key, read_array_of<65>(decoder));
  }
  return ok();
}

Result<ComponentKind> read_kind(cbor::Decoder& decoder) {
  FERRY_TRY_ASSIGN(const auto kind, read_number<std::uint8_t>(decoder));
  return static_cast<ComponentKind>(kind);
}

Status read_components(cbor::Decoder& decoder, FactoryParameters& parameters) {
  FERRY_TRY_ASSIGN(parameters.component_count, decoder.read_array());
  if (parameters.component_count > kMaxComponentNames) {
    return fail(Error::kInvalidArgument);
  }
  for (auto& component : std::span(parameters.components).first(parameters.component_count)) {
    FERRY_TRY(expect_array(decoder, 3));
    FERRY_TRY_ASSIGN(component.name, decoder.read_text());
    FERRY_TRY_ASSIGN(component.kind, read_kind(decoder));
    FERRY_TRY_ASSIGN(component.program, decoder.read_text());
  }
  return ok();
}

Status read_keys(cbor::Decoder& decoder, cbor::MapReader& map, FactoryParameters& parameters) {
  FERRY_TRY_ASSIGN(bool more, map.next());
  if (more && stands_at(map, kEcdhKey)) {
    FERRY_TRY_ASSIGN(parameters.keys.ecdh, read_array_of<32>(decoder));
    FERRY_TRY_ASSIGN(more, map.next());
  }
  if (more && stands_at(map, kKeyEncryption)) {
    FERRY_TRY_ASSIGN(parameters.keys.key_encryption, read_array_of<16>(decoder));
    FERRY_TRY_ASSIGN(more, map.next());
  }
  return more && stands_at(map, kComponents) ? ok() : fail(Error::kInvalidArgument);
}

Result<FactoryParameters> read_parameters(cbor::Decoder& decoder) {
  FactoryParameters parameters;
  FERRY_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(decoder));
  FERRY_TRY(expect_key(map, kVendorId));
  FERRY_TRY_ASSIGN(parameters.vendor_id, read_array_of<16>(decoder));
  FERRY_TRY(expect_key(map, kClassId));
  FERRY_TRY_ASSIGN(parameters.class_id, read_array_of<16>(decoder));
  FERRY_TRY(expect_key(map, kDeviceId));
  FERRY_TRY_ASSIGN(parameters.device_id, read_array_of<16>(decoder));
  FERRY_TRY(expect_key(map, kSerial));
  FERRY_TRY_ASSIGN(parameters.serial, decoder.read_text());
  FERRY_TRY(expect_key(map, kProduct));
  FERRY_TRY_ASSIGN(parameters.product, decoder.read_text());
  FERRY_TRY(expect_key(map, kHardware));
  FERRY_TRY_ASSIGN(parameters.hardware, decoder.read_text());
  FERRY_TRY(expect_key(map, kAnchors));
  FERRY_TRY(read_anchors(decoder, parameters));
  FERRY_TRY(read_keys(decoder, map, parameters));
  FERRY_TRY(read_components(decoder, parameters));
  FERRY_TRY(expect_map_end(map));
  return parameters;
}

Result<WindowSettings> read_window(cbor::Decoder& decoder) {
  WindowSettings window;
  FERRY_TRY(expect_array(decoder, 4));
  FERRY_TRY_ASSIGN(const std::int64_t zone, decoder.read_integer());
  if (zone < std::numeric_limits<std::int16_t>::min() || zone > std::numeric_limits<std::int16_t>::max()) {
    return fail(Error::kInvalidArgument);
  }
  window.zone_minutes = static_cast<std::int16_t>(zone);
  FERRY_TRY_ASSIGN(window.start_minute, read_number<std::uint16_t>(decoder));
  FERRY_TRY_ASSIGN(window.length_minutes, read_number<std::uint16_t>(decoder));
  FERRY_TRY_ASSIGN(window.days, read_number<std::uint8_t>(decoder));
  return window;
}

Result<FlashSettings> read_flash(cbor::Decoder& decoder) {
  FlashSettings flash;
  FERRY_TRY(expect_array(decoder, 4));
  FERRY_TRY_ASSIGN(flash.sector_size, read_number<std::uint32_t>(decoder));
  FERRY_TRY_ASSIGN(flash.slot_size, read_number<std::uint32_t>(decoder));
  FERRY_TRY_ASSIGN(flash.staging_size, read_number<std::uint32_t>(decoder));
  FERRY_TRY_ASSIGN(flash.second_size, read_number<std::uint32_t>(decoder));
  return flash;
}

Result<Settings> read_settings(cbor::Decoder& decoder) {
  Settings settings;
  FERRY_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(decoder));
  FERRY_TRY(expect_key(map, kFtp));
  FERRY_TRY_ASSIGN(settings.ftp, read_endpoint(decoder));
  FERRY_TRY(expect_key(map, kFtpRoot));
  FERRY_TRY_ASSIGN(settings.ftp_root, decoder.read_text());
  FERRY_TRY(expect_key(map, kBusiness));
  FERRY_TRY_ASSIGN(settings.business, read_endpoint(decoder));
  FERRY_TRY(expect_key(map, kWindow));
  FERRY_TRY_ASSIGN(settings.window, read_window(decoder));
  FERRY_TRY(expect_key(map, kFlash));
  FERRY_TRY_ASSIGN(settings.flash, read_flash(decoder));
  FERRY_TRY(expect_key(map, kTrialSeconds));
  FERRY_TRY_ASSIGN(settings.trial_seconds, read_number<std::uint32_t>(decoder));
  FERRY_TRY(expect_key(map, kReportSeconds));
  FERRY_TRY_ASSIGN(settings.report_seconds, read_number<std::uint32_t>(decoder));
  FERRY_TRY(expect_key(map, kStaleDays));
  FERRY_TRY_ASSIGN(settings.stale_days, read_number<std::uint32_t>(decoder));
  FERRY_TRY(expect_key(map, kExpiringWithoutClock));
  FERRY_TRY_ASSIGN(settings.expiring_without_clock, decoder.read_bool());
  FERRY_TRY(expect_key(map, kDeviceManifest));
  FERRY_TRY_ASSIGN(settings.device_manifest, decoder.read_bool());
  FERRY_TRY(expect_map_end(map));
  return settings;
}

Status read_preamble(cbor::Decoder& decoder, cbor::MapReader& map) {
  FERRY_TRY(expect_key(map, kFileMagic));
  FERRY_TRY_ASSIGN(const std::string_view magic, decoder.read_text());
  if (magic != kMagic) {
    return fail(Error::kInvalidArgument);
  }
  FERRY_TRY(expect_key(map, kFileFormat));
  FERRY_TRY_ASSIGN(const std::uint64_t format, decoder.read_unsigned());
  return format == kFormat ? ok() : fail(Error::kUnsupported);
}

}  // namespace

UuidText to_text(const Uuid& id) {
  constexpr std::string_view digits = "0123456789abcdef";
  UuidText text{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      text[at++] = '-';
    }
    text[at++] = digits[id[i] >> 4];
    text[at++] = digits[id[i] & 0xFU];
  }
  return text;
}

Result<FactoryFile> decode_factory(ByteView bytes) {
  if (bytes.size() <= kCrcSize) {
    return fail(Error::kCorrupt);
  }
  const ByteView content = bytes.first(bytes.size() - kCrcSize);
  if (load_le32(bytes.last(kCrcSize)) != crc32(content)) {
    return fail(Error::kCorrupt);
  }
  cbor::Decoder decoder(content);
  FactoryFile file;
  FERRY_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(decoder));
  FERRY_TRY(read_preamble(decoder, map));
  FERRY_TRY(expect_key(map, kFileParameters));
  FERRY_TRY_ASSIGN(file.parameters, read_parameters(decoder));
  FERRY_TRY(expect_key(map, kFileSettings));
  FERRY_TRY_ASSIGN(file.settings, read_settings(decoder));
  FERRY_TRY(expect_map_end(map));
  FERRY_TRY(decoder.expect_end());
  FERRY_TRY(check_factory(file));
  return file;
}

}  // namespace ferry
