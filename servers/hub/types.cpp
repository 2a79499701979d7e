#include "servers/hub/types.h"

#include <array>

namespace ferry::hub {

std::string_view name(Refusal refusal) {
  constexpr std::array<std::string_view, 10> names = {"bad_topic",  "unknown_device", "too_large",  "too_many",
                                                      "malformed",  "bad_name",       "not_finite", "bad_time",
                                                      "far_future", "replayed"};
  return names.at(static_cast<std::size_t>(refusal));
}

}  // namespace ferry::hub
