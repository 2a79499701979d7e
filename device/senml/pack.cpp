#include "device/senml/pack.h"

#include <algorithm>
#include <cmath>

namespace ferry::senml {
namespace {

// RFC 8428, 6: labels of the CBOR form.
enum Label : std::int64_t {
  kBaseTime = -3,
  kBaseName = -2,
  kName = 0,
  kUnit = 1,
  kValue = 2,
  kStringValue = 3,
  kTime = 6,
};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_name(std::string_view base, std::string_view name) {
  const auto allowed = [](char c) {
    return is_letter_or_digit(c) || std::string_view("-:./_").find(c) != std::string_view::npos;
  };
  const std::string_view front = base.empty() ? name : base;
  return !front.empty() && is_letter_or_digit(front.front()) && std::ranges::all_of(base, allowed) &&
         std::ranges::all_of(name, allowed);
}

}  // namespace

PackWriter::PackWriter(ByteSpan buffer, std::size_t records, std::string_view base_name, double base_time)
    : encoder_(buffer), base_name_(base_name), base_time_(base_time), left_(records) {
  encoder_.array(records);
}

PackWriter& PackWriter::add(std::string_view name, std::string_view unit, double value, double time_offset) {
  invalid_ = invalid_ || !std::isfinite(value);
  begin_record(name, time_offset, unit.empty() ? 1 : 2);
  if (!unit.empty()) {
    encoder_.integer(kUnit).text(unit);
  }
  encoder_.integer(kValue).float64(value);
  end_record(time_offset);
  return *this;
}

PackWriter& PackWriter::add_text(std::string_view name, std::string_view value, double time_offset) {
  begin_record(name, time_offset, 1);
  encoder_.integer(kStringValue).text(value);
  end_record(time_offset);
  return *this;
}

Result<ByteView> PackWriter::finish() {
  if (left_ != 0 || overfull_ || first_) {
    return fail(Error::kWrongState);
  }
  if (invalid_) {
    return fail(Error::kInvalidArgument);
  }
  const auto pack = encoder_.finish();
  return pack ? pack : fail(Error::kSenmlTooLarge);
}

// `values`: pairs besides the name, the time and the base fields of the first record.
void PackWriter::begin_record(std::string_view name, double time_offset, std::size_t values) {
  overfull_ = overfull_ || left_ == 0;
  invalid_ = invalid_ || !is_name(base_name_, name) || !std::isfinite(time_offset) || !std::isfinite(base_time_);
  left_ -= left_ > 0 ? 1 : 0;
  const bool has_time = time_offset != 0;
  const bool has_base_time = first_ && base_time_ != 0;
  const std::size_t pairs = 1 + values + (has_time ? 1 : 0) + (first_ ? 1 : 0) + (has_base_time ? 1 : 0);
  encoder_.map(pairs);
  if (first_) {
    encoder_.integer(kBaseName).text(base_name_);
    if (has_base_time) {
      encoder_.integer(kBaseTime).float64(base_time_);
    }
    first_ = false;
  }
  encoder_.integer(kName).text(name);
}

void PackWriter::end_record(double time_offset) {
  if (time_offset != 0) {
    encoder_.integer(kTime).float64(time_offset);
  }
}

}  // namespace ferry::senml
