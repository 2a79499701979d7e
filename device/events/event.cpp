#include "device/events/event.h"

#include <algorithm>

#include "device/cbor/decoder.h"
#include "device/cbor/encoder.h"

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
  const std::array<bool, 6> present = {event.time > 0,           event.error != Error{}, event.sequence != 0,
                                       event.version.count != 0, event.bytes != 0,       event.milliseconds != 0};
  return 1 + static_cast<std::size_t>(std::count(present.begin(), present.end(), true));
}

template <typename T>
Result<T> read_at_most(cbor::Decoder& decoder, std::uint64_t largest) {
  FERRY_TRY_ASSIGN(const std::uint64_t value, decoder.read_unsigned());
  if (value > largest) {
    return fail(Error::kOutOfRange);
  }
  return static_cast<T>(value);
}

Status read_field(cbor::Decoder& decoder, std::int64_t key, Event& event) {
  switch (key) {
    case kKind: {
      FERRY_TRY_ASSIGN(event.kind, read_at_most<EventKind>(decoder, kLastKind));
      return event.kind >= EventKind::kStarted ? ok() : fail(Error::kOutOfRange);
    }
    case kTime: {
      FERRY_TRY_ASSIGN(event.time, read_at_most<std::int64_t>(decoder, INT64_MAX));
      return ok();
    }
    case kError: {
      FERRY_TRY_ASSIGN(event.error, read_at_most<Error>(decoder, UINT16_MAX));
      return ok();
    }
    case kSequence: {
      FERRY_TRY_ASSIGN(event.sequence, decoder.read_unsigned());
      return ok();
    }
    case kVersion: {
      FERRY_TRY_ASSIGN(const ByteView version, decoder.read_item());
      const auto decoded = suit::Version::decode(version);
      if (!decoded) {
        return fail(decoded.error() == Error::kManifestMalformed ? Error::kOutOfRange : decoded.error());
      }
      event.version = *decoded;
      return ok();
    }
    case kBytes: {
      FERRY_TRY_ASSIGN(event.bytes, decoder.read_unsigned());
      return ok();
    }
    case kMilliseconds: {
      FERRY_TRY_ASSIGN(event.milliseconds, read_at_most<std::uint32_t>(decoder, UINT32_MAX));
      return ok();
    }
    default:
      FERRY_TRY(decoder.read_item());  // of a newer device
      return ok();
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
  cbor::Decoder decoder(bytes);
  Event event;
  bool has_kind = false;
  FERRY_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(decoder));
  for (;;) {
    FERRY_TRY_ASSIGN(const bool more, map.next());
    if (!more) {
      break;
    }
    if (map.key_is_text()) {
      return fail(Error::kCborWrongType);
    }
    has_kind = has_kind || map.key() == kKind;
    FERRY_TRY(read_field(decoder, map.key(), event));
  }
  FERRY_TRY(decoder.expect_end());
  return has_kind ? Result<Event>(event) : fail(Error::kOutOfRange);
}

}  // namespace ferry
