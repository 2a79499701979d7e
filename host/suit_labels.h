// Labels of draft-ietf-suit-manifest-37, -suit-update-management-14, -suit-trust-domains-11 and
// -suit-firmware-encryption-24 that the host writes.
#pragma once

#include <cstdint>

namespace ferry::host::label {

inline constexpr std::uint64_t kEnvelopeTag = 107;
inline constexpr std::uint64_t kManifestTag = 1070;
inline constexpr std::uint64_t kSign1Tag = 18;
inline constexpr std::uint64_t kEncryptTag = 96;

// Envelope and manifest members.
inline constexpr std::uint8_t kAuthenticationWrapper = 2;
inline constexpr std::uint8_t kManifest = 3;
inline constexpr std::uint8_t kManifestVersion = 1;
inline constexpr std::uint8_t kSequenceNumber = 2;
inline constexpr std::uint8_t kCommon = 3;
inline constexpr std::uint8_t kSetVersion = 6;
inline constexpr std::uint8_t kValidate = 7;
inline constexpr std::uint8_t kInvoke = 9;
inline constexpr std::uint8_t kPayloadFetch = 16;
inline constexpr std::uint8_t kInstall = 20;
inline constexpr std::uint8_t kText = 23;
inline constexpr std::uint8_t kComponents = 2;      // of common
inline constexpr std::uint8_t kSharedSequence = 4;  // of common

// Commands.
inline constexpr std::uint8_t kVendorIdentifier = 1;
inline constexpr std::uint8_t kClassIdentifier = 2;
inline constexpr std::uint8_t kImageMatch = 3;
inline constexpr std::uint8_t kUseBefore = 4;
inline constexpr std::uint8_t kComponentSlot = 5;
inline constexpr std::uint8_t kSetComponentIndex = 12;
inline constexpr std::uint8_t kTryEach = 15;
inline constexpr std::uint8_t kOverrideParameters = 20;
inline constexpr std::uint8_t kFetch = 21;
inline constexpr std::uint8_t kCopy = 22;
inline constexpr std::uint8_t kInvokeDirective = 23;
inline constexpr std::uint8_t kDeviceIdentifier = 24;
inline constexpr std::uint8_t kMinimumBattery = 26;
inline constexpr std::uint8_t kVersion = 28;

// Parameters, where the number differs from the condition's of the same name.
inline constexpr std::uint8_t kParameterImageDigest = 3;
inline constexpr std::uint8_t kParameterImageSize = 14;
inline constexpr std::uint8_t kParameterEncryptionInfo = 19;
inline constexpr std::uint8_t kParameterUri = 21;
inline constexpr std::uint8_t kParameterSourceComponent = 22;

// Reporting: record and system information, on success and on failure.
inline constexpr std::uint8_t kReportAll = 15;
inline constexpr std::uint8_t kReportFailure = 2;

// The text member.
inline constexpr std::uint8_t kTextUpdateDescription = 2;
inline constexpr std::uint8_t kTextModelName = 2;
inline constexpr std::uint8_t kTextVendorDomain = 3;
inline constexpr std::uint8_t kTextModelInfo = 4;
inline constexpr std::uint8_t kTextComponentVersion = 6;

}  // namespace ferry::host::label
