// The reference business link: MQTT 3.1.1 over a Network. mqtt/client.h is the protocol machine (no I/O); this pumps
// it. Between attempts it waits 2, 4, 8, ... 300 s, up to half as much again by chance; a login that lasts 15 s begins
// that anew. Topics: ferry/<device-id>/data and .../event (QoS 1), .../status (retained "online"; the will says
// "offline").
#pragma once

#include <array>

#include "device/base/business_link.h"
#include "device/base/network.h"
#include "device/factory/factory.h"
#include "device/mqtt/client.h"

namespace ferry::mqtt {

class Link final : public BusinessLink {
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
  // Why the last connection ended; 0 = it did not, or it was asked to.
  [[nodiscard]] Error last_error() const { return last_error_; }

 private:
  static constexpr std::size_t kPrefix = 6 + 36 + 1;  // "ferry/", device id, "/"

  [[nodiscard]] std::string_view topic(std::string_view leaf, std::span<char, kMaxTopic> buffer) const;
  [[nodiscard]] std::string_view device_id() const { return {prefix_.data() + 6, 36}; }
  void open(Instant now);
  void pump(Instant now);
  void settle(Instant now);
  [[nodiscard]] bool pump_out(Instant now);
  [[nodiscard]] bool pump_in(Instant now);
  void drop(Error error, Instant now);
  void hang_up();

  Network& network_;
  Endpoint endpoint_;
  std::array<char, kPrefix> prefix_{};
  Client client_;
  Connection connection_ = Connection::kNone;
  bool wanted_ = false;     // between start() and stop()
  bool connected_ = false;  // the client speaks over connection_
  std::uint8_t failures_ = 0;
  std::uint32_t random_;
  Instant retry_at_{};
  Instant give_up_at_ = kNever;  // of connecting, or of saying goodbye
  Instant settled_at_ = kNever;  // online, and likely to stay so
  Error last_error_{};
};

}  // namespace ferry::mqtt
