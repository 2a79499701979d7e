// What the hub speaks of inside: readings, events, refusals. Times are UTC seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "device/crypto/crypto.h"
#include "device/events/event.h"

namespace ferry::hub {

struct Reading {
  std::string name;
  std::string unit;
  double time = 0;
  std::optional<double> value;  // a boolean is 0 or 1
  std::string text;             // where there is no value
  friend bool operator==(const Reading&, const Reading&) = default;
};

// Why a message was not taken. The names are part of the API.
enum class Refusal : std::uint8_t {
  kBadTopic,       // "bad_topic": not ferry/<uuid>/{data,event,status}
  kUnknownDevice,  // "unknown_device": not in the registry
  kTooLarge,       // "too_large"
  kTooMany,        // "too_many": records in one pack
  kMalformed,      // "malformed": neither SenML nor an event
  kBadName,        // "bad_name": a record without a name, or with one that RFC 8428 does not allow
  kNotFinite,      // "not_finite": NaN or infinite
  kBadTime,        // "bad_time": before 1970
  kFarFuture,      // "far_future": more than a day ahead
  kReplayed,       // "replayed": all or part of it is in the store already
  kNotSealed,      // "not_sealed": from a device that is set to seal
  kBadSeal,        // "bad_seal": not sealed with this device's key, for this topic, or not whole
  kNoSealKey,      // "no_seal_key": sealed, and the registry has no key for this device
};
[[nodiscard]] std::string_view name(Refusal refusal);

// The key under which a device seals what it says.
struct SealKey {
  AesKey key{};
  std::string id;  // names it, and does not give it away
};
// Which one of a device's sealed messages it is: no two have the same.
struct SealNumber {
  std::string key;  // id
  std::int64_t series = 0;
  std::int64_t number = 0;
  friend bool operator==(const SealNumber&, const SealNumber&) = default;
};

// One message, understood; what is to be stored of it. `device` is the canonical text of a UUID.
struct ReadingsReceived {
  std::string device;
  std::vector<Reading> readings;
  std::optional<SealNumber> seal = {};  // nothing: it was not sealed
};
struct EventReceived {
  std::string device;
  Event event;
  std::optional<SealNumber> seal = {};
};
struct StatusReceived {
  std::string device;
  bool online = false;
};
struct Refused {
  std::string device;  // empty where the topic names none that is known
  Refusal refusal{};
  std::optional<SealNumber> seal = {};  // there where the seal is good and what is in it is not
};
using Change = std::variant<ReadingsReceived, EventReceived, StatusReceived, Refused>;

// An event as it is in the store.
struct StoredEvent {
  std::int64_t id = 0;  // ascending in the order of arrival
  std::string device;
  std::string kind;
  std::int64_t time = 0;  // by the device's clock; 0 = it had none
  std::uint16_t error = 0;
  std::int64_t sequence = 0;
  std::string version;
  std::int64_t bytes = 0;
  std::int64_t milliseconds = 0;
  std::int64_t received = 0;  // by the hub's clock
};

}  // namespace ferry::hub
