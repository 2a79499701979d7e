// What one message from the broker means. No I/O, no clock.
#pragma once

#include "servers/hub/registry.h"
#include "servers/hub/types.h"

namespace ferry::hub {

inline constexpr std::string_view kTopics[] = {"ferry/+/data", "ferry/+/event", "ferry/+/status"};

struct Message {
  std::string topic;
  std::string payload;
};

// Never throws for what is in the message: what cannot be taken becomes a Refused. With a registry, only its devices
// are known, what they seal is opened, and names of readings lose the prefix that names the device itself
// ("urn:dev:ops:<serial>:"). `now`: UTC seconds.
[[nodiscard]] Change interpret(const Message& message, const Registry* registry, double now);

}  // namespace ferry::hub
