#include "servers/hub/cbor_cursor.h"
#include "servers/hub/senml.h"

namespace ferry::hub {
namespace {

constexpr std::size_t kMaxMembers = 32;  // of one record

// RFC 8428, 6
enum Label : std::int64_t {
  kBaseVersion = -1,
  kBaseName = -2,
  kBaseTime = -3,
  kBaseUnit = -4,
  kBaseValue = -5,
  kName = 0,
  kUnit = 1,
  kValue = 2,
  kStringValue = 3,
  kBooleanValue = 4,
  kSum = 5,
  kTime = 6,
  kDataValue = 8,
};

std::string base64url(ByteView bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t size = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < size ? bytes[i + k] : 0U);
    }
    for (std::size_t k = 0; k <= size; ++k) {
      text += digits[group >> (18 - 6 * k) & 0x3F];
    }
  }
  return text;
}

template <typename T>
bool set(std::optional<T>& field, std::optional<T> value) {
  if (field || !value) {
    return false;  // twice, or of another type
  }
  field = std::move(value);
  return true;
}

bool set_text(std::optional<std::string>& field, CborCursor& cursor, std::size_t limit) {
  return set(field, cursor.text()) && field->size() <= limit;
}

bool is_known_version(std::optional<std::int64_t> version) {
  return version && *version > 0 && *version <= kSenmlVersion;
}

bool set_boolean(std::optional<double>& field, CborCursor& cursor) {
  const auto value = cursor.boolean();
  return value && set<double>(field, *value ? 1 : 0);
}

bool set_data(std::optional<std::string>& field, CborCursor& cursor) {
  const auto value = cursor.bytes();
  return value && value->size() <= kMaxText && set<std::string>(field, base64url(*value));
}

bool take_value(std::int64_t label, CborCursor& cursor, SenmlRecord& record) {
  switch (label) {
    case kValue:
      return set(record.value, cursor.number());
    case kStringValue:
      return set_text(record.text, cursor, kMaxText);
    case kBooleanValue:
      return set_boolean(record.value, cursor);
    case kDataValue:
      return set_data(record.text, cursor);
    case kSum:
      return cursor.number().has_value();
    default:
      return cursor.skip();
  }
}

bool take(std::int64_t label, CborCursor& cursor, SenmlRecord& record) {
  switch (label) {
    case kBaseVersion:
      return is_known_version(cursor.integer());
    case kBaseName:
      return set_text(record.base_name, cursor, kMaxName);
    case kBaseTime:
      return set(record.base_time, cursor.number());
    case kBaseUnit:
      return set_text(record.base_unit, cursor, kMaxUnit);
    case kBaseValue:
      return set(record.base_value, cursor.number());
    case kName:
      return set_text(record.name, cursor, kMaxName);
    case kUnit:
      return set_text(record.unit, cursor, kMaxUnit);
    case kTime:
      return set(record.time, cursor.number());
    default:
      return take_value(label, cursor, record);
  }
}

bool take_member(CborCursor& cursor, SenmlRecord& record) {
  if (cursor.next_is_text()) {
    const auto label = cursor.text();
    return label && !label->ends_with('_') && cursor.skip();
  }
  const auto label = cursor.integer();
  return label && take(*label, cursor, record);
}

bool take_record(CborCursor& cursor, SenmlRecord& record) {
  auto members = cursor.map();
  if (!members) {
    return false;
  }
  for (std::size_t count = 0; cursor.more(*members); ++count) {
    if (count == kMaxMembers || !take_member(cursor, record)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Understood<std::vector<SenmlRecord>> read_senml_cbor(ByteView pack) {
  CborCursor cursor(pack);
  auto entries = cursor.array();
  if (!entries) {
    return tl::unexpected(Refusal::kMalformed);
  }
  std::vector<SenmlRecord> records;
  while (cursor.more(*entries)) {
    if (records.size() == kMaxRecords) {
      return tl::unexpected(Refusal::kTooMany);
    }
    if (!take_record(cursor, records.emplace_back())) {
      return tl::unexpected(Refusal::kMalformed);
    }
  }
  return records.empty() || !cursor.at_end() ? tl::unexpected(Refusal::kMalformed)
                                             : Understood<std::vector<SenmlRecord>>(std::move(records));
}

}  // namespace ferry::hub
