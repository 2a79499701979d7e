// The reference business link: MQTT 3.1.1 over a Network. mqtt/client.h is the protocol machine (no I/O); this pumps
// it. Topics: ferry/<device-id>/data and .../event (QoS 1), .../status (retained "online"; the will says "offline").
#pragma once

#include <array>

#include "device/base/business_link.h"
#include "device/base/network.h"
#include "device/factory/factory.h"

namespace ferry::mqtt {

inline constexpr std::size_t kMaxMessage = 1024;  // of one published message

class Link : public BusinessLink {
 public:
  // `endpoint`'s texts must outlive the link. The client id is the device id. `seed` spreads reconnects.
  Link(Network& network, const Endpoint& endpoint, const Uuid& device_id, std::uint32_t seed);

  void start(Instant now) override;
  void stop(Instant now) override;
  [[nodiscard]] LinkState state() const override;
  [[nodiscard]] Status publish(Channel channel, ByteView message, Instant now) override;
  [[nodiscard]] bool all_acknowledged() const override;
  void poll(Instant now) override;
  [[nodiscard]] Instant poll_timeout() const override;
};

}  // namespace ferry::mqtt
