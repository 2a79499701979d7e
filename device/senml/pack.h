// SenML packs in CBOR (RFC 8428, 6): what a device reports as its business.
#pragma once

#include <string_view>

#include "device/cbor/encoder.h"

namespace ferry::senml {

// Writes one pack: base name and base time in the first record. Errors stick until finish().
class PackWriter {
 public:
  // `base_name` such as "urn:dev:ops:ACME-00001:"; `base_time`: UTC seconds, 0 = not known (then readings carry
  // times relative to now, RFC 8428 4.5.3). The number of records must be known ahead: `records` add() calls follow.
  // Base name and name together are letters, digits and "-:./_", the first a letter or digit (RFC 8428, 4.5.1).
  PackWriter(ByteSpan buffer, std::size_t records, std::string_view base_name, double base_time);
  PackWriter& add(std::string_view name, std::string_view unit, double value, double time_offset = 0);
  PackWriter& add_text(std::string_view name, std::string_view value, double time_offset = 0);
  // Errors: kSenmlTooLarge (the buffer is too small), kWrongState (records missing, too many, or none at all),
  // kInvalidArgument (a name that is none, or a number that is not finite: no receiver would take them).
  [[nodiscard]] Result<ByteView> finish();

 private:
  void begin_record(std::string_view name, double time_offset, std::size_t values);
  void end_record(double time_offset);

  cbor::Encoder encoder_;
  std::string_view base_name_;  // must outlive the first add()
  double base_time_;
  std::size_t left_;
  bool first_ = true;
  bool overfull_ = false;
  bool invalid_ = false;
};

}  // namespace ferry::senml
