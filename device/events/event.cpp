#include "device/events/event.h"

#include <algorithm>

#include "device/cbor/encoder.h"
#include "device/cbor/reader.h"

namespace ferry {
namespace {

// Map keys, in the canonical order of their encodings. A key whose value is the default is left out.
enum Key : std::int64_t {
  kKind = 0,
  kTime = 1,
  kError = 2,
  kSequence = 3,
  kVersion = 4,
  kBytes = 5,
  kMilliseconds = 6,
};

constexpr auto kLastKind = static_cast<std::uint64_t>(EventKind::kWarning);

void add(cbor::Encoder& encoder, Key key, std::uint64_t value) {
  if (value != 0) {
    encoder.integer(key).unsigned_integer(value);
  }
}

std::size_t pairs_of(const Event& event) {
  std::size_t pairs = 1;
  pairs += event.time > 0 ? 1 : 0;
  pairs += event.error != Error{} ? 1 : 0;
  pairs += event.sequence != 0 ? 1 : 0;
  pairs += event.version.count != 0 ? 1 : 0;
  pairs += event.bytes != 0 ? 1 : 0;
  pairs += event.milliseconds != 0 ? 1 : 0;
  return pairs;
}

template <typename T>
T read_at_most(cbor::Reader& reader, std::uint64_t largest) {
  const std::uint64_t value = reader.unsigned_integer();
  reader.require(value <= largest, Error::kOutOfRange);
  return static_cast<T>(value);
}

suit::Version read_version(cbor::Reader& reader) {
  const auto decoded = suit::Version::decode(reader.item());
  if (!decoded) {
    reader.require(false, decoded.error() == Error::kManifestMalformed ? Error::kOutOfRange : decoded.error());
    return {};
  }
  return *decoded;
}

void read_field(cbor::Reader& reader, std::int64_t key, Event& event) {
  switch (key) {
    case kKind:
      event.kind = read_at_most<EventKind>(reader, kLastKind);
      reader.require(event.kind >= EventKind::kStarted, Error::kOutOfRange);
      break;
    case kTime:
      event.time = read_at_most<std::int64_t>(reader, INT64_MAX);
      break;
    case kError:
      event.error = read_at_most<Error>(reader, UINT16_MAX);
      break;
    case kSequence:
      event.sequence = reader.unsigned_integer();
      break;
    case kVersion:
      event.version = read_version(reader);
      break;
    case kBytes:
      event.bytes = reader.unsigned_integer();
      break;
    case kMilliseconds:
      event.milliseconds = read_at_most<std::uint32_t>(reader, UINT32_MAX);
      break;
    default:
      static_cast<void>(reader.item());  // of a newer device
  }
}

}  // namespace

std::string_view name(EventKind kind) {
  constexpr std::array<std::string_view, 16> names = {
      "unknown", "started", "window", "jump",      "refused",  "nothing_newer", "downloading", "downloaded",
      "burnt",   "reset",   "trial",  "confirmed", "reverted", "failed",        "stale",       "warning"};
  const auto index = static_cast<std::size_t>(kind);
  return index < names.size() ? names[index] : names[0];
}

Result<ByteView> encode(const Event& event, ByteSpan buffer) {
  cbor::Encoder encoder(buffer);
  encoder.map(pairs_of(event)).integer(kKind).unsigned_integer(static_cast<std::uint64_t>(event.kind));
  add(encoder, kTime, static_cast<std::uint64_t>(std::max<std::int64_t>(event.time, 0)));
  add(encoder, kError, static_cast<std::uint64_t>(event.error));
  add(encoder, kSequence, event.sequence);
  if (event.version.count != 0) {
    encoder.integer(kVersion).array(event.version.count);
    for (std::size_t i = 0; i < event.version.count; ++i) {
      encoder.integer(event.version.parts[i]);
    }
  }
  add(encoder, kBytes, event.bytes);
  add(encoder, kMilliseconds, event.milliseconds);
  return encoder.finish();
}

Result<Event> decode_event(ByteView bytes) {
  cbor::Reader reader(bytes);
  Event event;
  bool has_kind = false;
  for (cbor::MapReader map(reader); map.next();) {
    reader.require(!map.key_is_text(), Error::kCborWrongType);
    has_kind = has_kind || map.key() == kKind;
    read_field(reader, map.key(), event);
  }
  reader.end();
  reader.require(has_kind, Error::kOutOfRange);
  return reader.good() ? Result<Event>(event) : fail(reader.status().error());
}

}  // namespace ferry
