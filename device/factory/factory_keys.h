// Map keys of the factory file, in the canonical order of their encodings. spec/factory.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ferry::factory_keys {

inline constexpr std::string_view kMagic = "ferry-factory";
inline constexpr std::uint64_t kFormat = 1;

enum File : std::int64_t { kFileMagic = 0, kFileFormat = 1, kFileParameters = 2, kFileSettings = 3 };

inline constexpr std::size_t kFilePairs = 4;
inline constexpr std::size_t kParameterPairs = 8;  // without the three keys, which may be absent
inline constexpr std::size_t kSettingPairs = 10;

enum Parameter : std::int64_t {
  kVendorId = 1,
  kClassId = 2,
  kDeviceId = 3,
  kSerial = 4,
  kProduct = 5,
  kHardware = 6,
  kAnchors = 7,        // [+ [algorithm, bstr 65]]
  kEcdhKey = 8,        // bstr 32
  kKeyEncryption = 9,  // bstr 16
  kComponents = 10,    // [* [name, kind, program]]
  kSealKey = 11,       // bstr 16
};

enum Setting : std::int64_t {
  kFtp = 1,  // [host, port, user, password]
  kFtpRoot = 2,
  kBusiness = 3,  // likewise
  kWindow = 4,    // [zone, start, length, days]
  kFlash = 5,     // [sector, slot, staging, second]
  kTrialSeconds = 6,
  kReportSeconds = 7,
  kStaleDays = 8,
  kExpiringWithoutClock = 9,
  kDeviceManifest = 10,
};

}  // namespace ferry::factory_keys
