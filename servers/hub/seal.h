// What devices seal, opened: COSE_Encrypt0 under a device's own key (spec/sealed.md). No I/O.
#pragma once

#include <tl/expected.hpp>

#include "device/factory/factory.h"
#include "host/bytes.h"
#include "servers/hub/types.h"

namespace ferry::hub {

// 32 hexadecimal digits; nothing where `text` is no key.
[[nodiscard]] std::optional<SealKey> parse_seal_key(std::string_view text);

inline constexpr std::size_t kMaxSeal = 32;  // bytes that a seal adds at most

[[nodiscard]] bool looks_sealed(ByteView message);

struct Unsealed {
  host::Bytes message;
  SealNumber number;
};
// `leaf`: the end of the topic under which it came. Refusal::kBadSeal: not of this key, device and topic, or of
// another form.
[[nodiscard]] tl::expected<Unsealed, Refusal> unseal(ByteView sealed, const SealKey& key, const Uuid& device,
                                                     std::string_view leaf);

// What is known of the numbers of one series.
struct SealState {
  std::int64_t highest = 0;   // number
  std::uint64_t seen = 0;     // bit i: the number `highest` - i was there
  std::int64_t received = 0;  // messages
  std::int64_t missing = 0;   // numbers that were used for certain, and did not arrive
  friend bool operator==(const SealState&, const SealState&) = default;
};
[[nodiscard]] SealState first_of_series(std::int64_t number);
// With `number` entered; nothing where it was there before, or is so far back that nobody knows.
[[nodiscard]] std::optional<SealState> enter_number(const SealState& state, std::int64_t number);

}  // namespace ferry::hub
