// SenML packs (RFC 8428), in JSON and in CBOR: what devices send as their data.
//
// Sums ("s") are not kept; a record that holds nothing else is refused. Fields that nobody knows are passed over,
// unless their name ends in "_" (RFC 8428, 4.4).
#pragma once

#include <tl/expected.hpp>

#include "servers/hub/types.h"

namespace ferry::hub {

inline constexpr std::size_t kMaxPack = 16U << 10;  // bytes
inline constexpr std::size_t kMaxRecords = 256;     // in one pack
inline constexpr std::size_t kMaxName = 128;        // bytes of a resolved name
inline constexpr std::size_t kMaxUnit = 32;         // bytes
inline constexpr std::size_t kMaxText = 1024;       // bytes of a string value
inline constexpr double kFarFuture = 86400;         // seconds ahead that a device's clock may be
inline constexpr double kAbsoluteTime = 268435456;  // 2^28: times below are relative to now (RFC 8428, 4.5.3)

inline constexpr std::int64_t kSenmlVersion = 10;  // a higher one may mean anything (RFC 8428, 4.4)

// One record before names and times are resolved.
struct SenmlRecord {
  std::optional<std::string> base_name, base_unit, name, unit, text;
  std::optional<double> base_time, base_value, time, value;
};

template <typename T>
using Understood = tl::expected<T, Refusal>;

// A pack in JSON begins with '[' (after white space), which no pack in CBOR does: 0x5b is a byte string there.
[[nodiscard]] Understood<std::vector<Reading>> decode_senml(ByteView pack, double now);

// The steps of it.
[[nodiscard]] Understood<std::vector<SenmlRecord>> read_senml_json(ByteView pack);
[[nodiscard]] Understood<std::vector<SenmlRecord>> read_senml_cbor(ByteView pack);
[[nodiscard]] Understood<std::vector<Reading>> resolve(const std::vector<SenmlRecord>& records, double now);

}  // namespace ferry::hub
