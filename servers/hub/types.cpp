#include "servers/hub/types.h"

#include <array>

namespace ferry::hub {

std::string_view name(Refusal refusal) {
  constexpr std::array<std::string_view, 13> names = {
      "bad_topic", "unknown_device", "too_large", "too_many",   "malformed", "bad_name",   "not_finite",
      "bad_time",  "far_future",     "replayed",  "not_sealed", "bad_seal",  "no_seal_key"};
  return names.at(static_cast<std::size_t>(refusal));
}

}  // namespace ferry::hub
