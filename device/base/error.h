// Error numbers of the device library.
//
// The numbers leave the device (upgrade events, logs), so they are stable: never renumber, only add.
// spec/errors.md lists them; a test compares the two.
#pragma once

#include <cstdint>
#include <string_view>

namespace ferry {

enum class Error : std::uint16_t {
  // 1..99: anywhere
  kInvalidArgument = 1,  // the caller broke the function's contract in a way that can be reported
  kOutOfRange = 2,       // an offset, length or index outside its object
  kNoSpace = 3,          // a buffer or area is too small
  kNotFound = 4,
  kBusy = 5,      // try again later; nothing was done
  kTimedOut = 6,  // the peer did not answer in time
  kClosed = 7,    // the peer closed the connection
  kIo = 8,        // the port failed
  kCorrupt = 9,   // stored data fails its check
  kUnsupported = 10,
  kWrongState = 11,
  kNoClock = 12,  // the time of day is not known

  // 100..149: CBOR
  kCborTruncated = 100,
  kCborMalformed = 101,
  kCborNotCanonical = 102,  // not shortest form, map order, duplicate key, indefinite length
  kCborWrongType = 103,
  kCborTooDeep = 104,
  kCborTooMany = 105,
  kCborTrailingData = 106,

  // 150..199: crypto and COSE
  kCryptoFailure = 150,
  kBadKey = 151,
  kBadSignature = 152,
  kUnknownAlgorithm = 153,
  kUnwrapFailed = 154,
  kNoRecipient = 155,  // no recipient of the message fits a key of this device

  // 200..259: the manifest
  kNotAuthentic = 200,
  kNotForThisDevice = 201,
  kRollback = 202,        // sequence number below the floor
  kSequenceReused = 203,  // equal sequence number, different content
  kExpired = 204,
  kManifestMalformed = 205,
  kUnknownCommand = 206,
  kUnknownParameter = 207,
  kUnchecked = 208,  // a sequence that would act on a component without vendor, class or image check
  kSevered = 209,    // a severed member is needed and not there
  kMemberMismatch = 210,
  kNothingNewer = 211,  // the installed version is not lower: nothing to do
  kConditionFailed = 212,
  kImageMismatch = 213,
  kBatteryLow = 214,
  kAborted = 215,
  kBadUri = 216,
  kTooManyComponents = 217,
  kTooManySteps = 218,   // bound on executed commands
  kReleaseFailed = 219,  // this release was tried and reverted as often as settings allow
  kManifestTooLarge = 220,

  // 260..299: flash, journal, slots
  kFlashNotErased = 260,
  kFlashWornOut = 261,
  kJournalFull = 262,
  kSlotEmpty = 263,
  kImageTooLarge = 264,
  kStagingTooSmall = 265,
  kNoBootableSlot = 266,

  // 300..339: payload
  kPayloadMalformed = 300,
  kPayloadKindUnsupported = 301,
  kPayloadTooLong = 302,
  kPayloadTooShort = 303,
  kPayloadMismatch = 304,    // the staged bytes do not have the manifest's digest
  kPrecursorMismatch = 305,  // the image that runs is not the one that the delta was made from

  // 340..379: FTP
  kFtpMalformedReply = 340,
  kFtpReplyTooLong = 341,
  kFtpLoginRefused = 342,
  kFtpBusy = 343,  // 421, or too many users
  kFtpFileUnavailable = 344,
  kFtpRefused = 345,
  kFtpUnexpectedReply = 346,
  kFtpNoDataConnection = 347,
  kFtpTransferIncomplete = 348,
  kFtpTooMuchData = 349,
  kFtpSizeMismatch = 350,

  // 380..399: business link
  kMqttMalformed = 380,
  kMqttRefused = 381,
  kMqttTooLarge = 382,
  kSenmlTooLarge = 383,

  // 400..419: the trial of a new image
  kTrialNotConfirmed = 400,  // the business login did not come in the trial's time
  kTrialCrashed = 401,       // reset by watchdog or fault before the login
  kTrialPowerCuts = 402,     // too many power cuts before the login
  kTrialImageBad = 403,      // the burnt image did not verify at boot
  kHandlerFailed = 404,
};

// The name as in spec/errors.md, such as "not_authentic"; "unknown" for a number that is not listed.
[[nodiscard]] std::string_view name(Error error);

}  // namespace ferry
