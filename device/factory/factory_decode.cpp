#include <limits>

#include "device/cbor/reader.h"
#include "device/factory/factory_check.h"
#include "device/factory/factory_keys.h"

namespace ferry {
namespace {

using namespace factory_keys;

constexpr std::size_t kCrcSize = 4;

// Reads every value into its place. What is in range is check_factory()'s affair.
class FileReader {
 public:
  explicit FileReader(ByteView bytes) : reader_(bytes) {}

  // Keys in ascending order are canonical order here (0..23), so each must be exactly the next that is expected.
  void key(std::uint32_t wanted) { require(reader_.integer() == wanted); }
  // Consumes the key where it is there.
  [[nodiscard]] bool has_key(std::uint32_t wanted) {
    cbor::Reader ahead = reader_;
    const bool found = ahead.integer() == wanted && ahead.good();
    reader_ = found ? ahead : reader_;
    return found;
  }
  [[nodiscard]] std::size_t map() { return reader_.map(); }
  void map(std::size_t pairs) { require(map() == pairs); }
  [[nodiscard]] std::size_t array() { return reader_.array(); }
  void array(std::size_t items) { require(array() == items); }

  void text(std::string_view& value) { value = reader_.text(); }
  void boolean(bool& value) { value = reader_.boolean(); }
  void bytes(ByteSpan value) {
    const ByteView read = reader_.bytes();
    require(copy(read, value) == value.size() && read.size() == value.size());
  }
  template <typename T>
  void number(T& value) {
    value = static_cast<T>(number(std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }

  void require(bool condition, Error error = Error::kInvalidArgument) { reader_.require(condition, error); }
  [[nodiscard]] bool good() const { return reader_.good(); }
  [[nodiscard]] Status finish() {
    reader_.end();
    return reader_.status();
  }

 private:
  std::int64_t number(std::int64_t smallest, std::int64_t largest) {
    const std::int64_t read = reader_.integer();
    require(read >= smallest && read <= largest);
    return read;
  }

  cbor::Reader reader_;
};

void read_endpoint(FileReader& reader, Endpoint& endpoint) {
  reader.array(4);
  reader.text(endpoint.host);
  reader.number(endpoint.port);
  reader.text(endpoint.user);
  reader.text(endpoint.password);
}

// Leaves no more in `count` than there is room for.
template <std::size_t kRoom, typename T>
std::span<T> read_count(FileReader& reader, std::array<T, kRoom>& items, std::size_t& count) {
  count = reader.array();
  reader.require(count <= kRoom);
  return std::span(items).first(reader.good() ? count : 0);
}

void read_anchors(FileReader& reader, FactoryParameters& parameters) {
  for (cose::TrustAnchor& anchor : read_count(reader, parameters.anchors, parameters.anchor_count)) {
    reader.array(2);
    reader.number(anchor.algorithm);
    reader.bytes(anchor.key);
  }
}

void read_components(FileReader& reader, FactoryParameters& parameters) {
  for (ComponentName& component : read_count(reader, parameters.components, parameters.component_count)) {
    std::uint8_t kind = 0;
    reader.array(3);
    reader.text(component.name);
    reader.number(kind);
    reader.text(component.program);
    component.kind = static_cast<ComponentKind>(kind);
  }
}

void read_parameters(FileReader& reader, FactoryParameters& parameters) {
  const std::size_t pairs = reader.map();
  reader.key(kVendorId);
  reader.bytes(parameters.vendor_id);
  reader.key(kClassId);
  reader.bytes(parameters.class_id);
  reader.key(kDeviceId);
  reader.bytes(parameters.device_id);
  reader.key(kSerial);
  reader.text(parameters.serial);
  reader.key(kProduct);
  reader.text(parameters.product);
  reader.key(kHardware);
  reader.text(parameters.hardware);
  reader.key(kAnchors);
  read_anchors(reader, parameters);
  cose::DecryptionKeys& keys = parameters.keys;
  if (reader.has_key(kEcdhKey)) {
    reader.bytes(keys.ecdh.emplace());
  }
  if (reader.has_key(kKeyEncryption)) {
    reader.bytes(keys.key_encryption.emplace());
  }
  reader.key(kComponents);
  read_components(reader, parameters);
  if (reader.has_key(kSealKey)) {
    reader.bytes(parameters.seal_key.emplace());
  }
  reader.require(pairs == kParameterPairs + (keys.ecdh ? 1U : 0U) + (keys.key_encryption ? 1U : 0U) +
                              (parameters.seal_key ? 1U : 0U));
}

void read_window(FileReader& reader, WindowSettings& window) {
  reader.array(4);
  reader.number(window.zone_minutes);
  reader.number(window.start_minute);
  reader.number(window.length_minutes);
  reader.number(window.days);
}

void read_flash(FileReader& reader, FlashSettings& flash) {
  reader.array(4);
  reader.number(flash.sector_size);
  reader.number(flash.slot_size);
  reader.number(flash.staging_size);
  reader.number(flash.second_size);
}

void read_settings(FileReader& reader, Settings& settings) {
  reader.map(kSettingPairs);
  reader.key(kFtp);
  read_endpoint(reader, settings.ftp);
  reader.key(kFtpRoot);
  reader.text(settings.ftp_root);
  reader.key(kBusiness);
  read_endpoint(reader, settings.business);
  reader.key(kWindow);
  read_window(reader, settings.window);
  reader.key(kFlash);
  read_flash(reader, settings.flash);
  reader.key(kTrialSeconds);
  reader.number(settings.trial_seconds);
  reader.key(kReportSeconds);
  reader.number(settings.report_seconds);
  reader.key(kStaleDays);
  reader.number(settings.stale_days);
  reader.key(kExpiringWithoutClock);
  reader.boolean(settings.expiring_without_clock);
  reader.key(kDeviceManifest);
  reader.boolean(settings.device_manifest);
}

void read_preamble(FileReader& reader) {
  std::string_view magic;
  std::uint32_t format = 0;
  const std::size_t pairs = reader.map();
  reader.key(kFileMagic);
  reader.text(magic);
  reader.require(magic == kMagic);
  reader.key(kFileFormat);
  reader.number(format);
  reader.require(format == kFormat, Error::kUnsupported);  // a newer format may have other members
  reader.require(pairs == kFilePairs);
}

Status read_file(ByteView bytes, FactoryFile& file) {
  if (bytes.size() <= kCrcSize) {
    return fail(Error::kCorrupt);
  }
  const ByteView content = bytes.first(bytes.size() - kCrcSize);
  if (load_le32(bytes.last(kCrcSize)) != crc32(content)) {
    return fail(Error::kCorrupt);
  }
  FileReader reader(content);
  read_preamble(reader);
  reader.key(kFileParameters);
  read_parameters(reader, file.parameters);
  reader.key(kFileSettings);
  read_settings(reader, file.settings);
  FERRY_TRY(reader.finish());
  return check_factory(file);
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
  Result<FactoryFile> file;  // read where it is to stay: a copy costs code and stack
  if (const Status read = read_file(bytes, *file); !read) {
    file = fail(read.error());
  }
  return file;
}

}  // namespace ferry
