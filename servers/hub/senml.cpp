#include "servers/hub/senml.h"

#include <algorithm>
#include <cmath>

namespace ferry::hub {
namespace {

bool is_name_character(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || std::string_view("-:./_").find(c) != std::string_view::npos;
}

// RFC 8428, 4.5.1
bool is_good_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName &&
         std::string_view("-:./_").find(name[0]) == std::string_view::npos &&
         std::all_of(name.begin(), name.end(), is_name_character);
}

struct Base {
  std::string name;
  std::string unit;
  double time = 0;
  double value = 0;
};

void take_base(const SenmlRecord& record, Base& base) {
  base.name = record.base_name.value_or(base.name);
  base.unit = record.base_unit.value_or(base.unit);
  base.time = record.base_time.value_or(base.time);
  base.value = record.base_value.value_or(base.value);
}

Understood<double> resolve_time(double time, double now) {
  const double absolute = time < kAbsoluteTime ? now + time : time;
  if (!std::isfinite(absolute)) {
    return tl::unexpected(Refusal::kNotFinite);
  }
  if (absolute < 0) {
    return tl::unexpected(Refusal::kBadTime);
  }
  return absolute > now + kFarFuture ? tl::unexpected(Refusal::kFarFuture) : Understood<double>(absolute);
}

Understood<Reading> resolve(const SenmlRecord& record, const Base& base, double now) {
  Reading reading{.name = base.name + record.name.value_or(""), .unit = record.unit.value_or(base.unit)};
  if (!is_good_name(reading.name)) {
    return tl::unexpected(Refusal::kBadName);
  }
  const bool has_value = record.value || (record.base_value && !record.text);
  if (has_value == record.text.has_value() || reading.unit.size() > kMaxUnit) {
    return tl::unexpected(Refusal::kMalformed);
  }
  if (has_value) {
    reading.value = base.value + record.value.value_or(0);
    if (!std::isfinite(*reading.value)) {
      return tl::unexpected(Refusal::kNotFinite);
    }
  }
  reading.text = record.text.value_or("");
  const auto time = resolve_time(base.time + record.time.value_or(0), now);
  if (!time) {
    return tl::unexpected(time.error());
  }
  reading.time = *time;
  return reading;
}

}  // namespace

Understood<std::vector<Reading>> resolve(const std::vector<SenmlRecord>& records, double now) {
  std::vector<Reading> readings;
  Base base;
  for (const SenmlRecord& record : records) {
    take_base(record, base);
    auto reading = resolve(record, base, now);
    if (!reading) {
      return tl::unexpected(reading.error());
    }
    readings.push_back(std::move(*reading));
  }
  return readings;
}

Understood<std::vector<Reading>> decode_senml(ByteView pack, double now) {
  if (pack.size() > kMaxPack) {
    return tl::unexpected(Refusal::kTooLarge);
  }
  const auto text = as_text(pack);
  const auto first = text.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string_view::npos && text[first] == '[';
  const auto records = is_json ? read_senml_json(pack) : read_senml_cbor(pack);
  if (!records) {
    return tl::unexpected(records.error());
  }
  return resolve(*records, now);
}

}  // namespace ferry::hub
