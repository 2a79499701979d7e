// Labels of the SUIT drafts, as far as Ferry's profile takes them (spec/manifest.md).
#pragma once

#include <cstdint>

namespace ferry::suit::label {

inline constexpr std::uint64_t kEnvelopeTag = 107;
inline constexpr std::uint64_t kManifestVersion = 1;

enum Envelope : std::int64_t { kAuthenticationWrapper = 2, kManifest = 3 };

enum ManifestMember : std::int64_t {
  kVersion = 1,
  kSequenceNumber = 2,
  kCommon = 3,
  kReferenceUri = 4,
  kSetVersion = 6,
  kValidate = 7,
  kLoad = 8,
  kInvoke = 9,
  kPayloadFetch = 16,
  kInstall = 20,
  kText = 23,
};

enum Common : std::int64_t { kComponents = 2, kSharedSequence = 4 };

enum Command : std::int64_t {
  kConditionVendorIdentifier = 1,
  kConditionClassIdentifier = 2,
  kConditionImageMatch = 3,
  kConditionUseBefore = 4,
  kConditionComponentSlot = 5,
  kConditionCheckContent = 6,
  kDirectiveSetComponentIndex = 12,
  kConditionAbort = 14,
  kDirectiveTryEach = 15,
  kDirectiveWrite = 18,
  kDirectiveOverrideParameters = 20,
  kDirectiveFetch = 21,
  kDirectiveCopy = 22,
  kDirectiveInvoke = 23,
  kConditionDeviceIdentifier = 24,
  kConditionImageNotMatch = 25,
  kConditionMinimumBattery = 26,
  kConditionVersion = 28,
  kDirectiveSwap = 31,
  kDirectiveRunSequence = 32,
};

enum Parameter : std::int64_t {
  kParameterVendorIdentifier = 1,
  kParameterClassIdentifier = 2,
  kParameterImageDigest = 3,
  kParameterUseBefore = 4,
  kParameterComponentSlot = 5,
  kParameterStrictOrder = 12,
  kParameterSoftFailure = 13,
  kParameterImageSize = 14,
  kParameterContent = 18,
  kParameterEncryptionInfo = 19,
  kParameterUri = 21,
  kParameterSourceComponent = 22,
  kParameterInvokeArguments = 23,
  kParameterDeviceIdentifier = 24,
  kParameterFetchArguments = 25,
  kParameterMinimumBattery = 26,
  kParameterVersion = 28,
};

}  // namespace ferry::suit::label
