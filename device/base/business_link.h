// Port: the link to the business server. mqtt/ is the reference; another protocol takes its place by implementing this.
//
// The link connects only between start() and stop(). Messages are small (an event, a pack of readings) and are
// copied; at most one is in flight, so publish() answers kBusy until the one before was acknowledged.
#pragma once

#include <cstdint>

#include "device/base/bytes.h"
#include "device/base/result.h"
#include "device/base/time.h"

namespace ferry {

enum class LinkState : std::uint8_t {
  kOffline,     // after stop(), or between attempts to connect
  kConnecting,  // includes the login
  kOnline,      // the business server accepted the login: this is what confirms a new image
};

enum class Channel : std::uint8_t { kData, kEvent };
// The end of its topic.
[[nodiscard]] constexpr std::string_view name(Channel channel) {
  return channel == Channel::kData ? "data" : "event";
}

class BusinessLink {
 public:
  virtual void start(Instant now) = 0;  // connect, and reconnect with back-off until stop()
  virtual void stop(Instant now) = 0;   // orderly goodbye; finished when state() is kOffline
  [[nodiscard]] virtual LinkState state() const = 0;
  // Errors: kBusy (try again later), kWrongState (not online), kMqttTooLarge.
  [[nodiscard]] virtual Status publish(Channel channel, ByteView message, Instant now) = 0;
  // True when every published message was acknowledged by the business server.
  [[nodiscard]] virtual bool all_acknowledged() const = 0;
  virtual void poll(Instant now) = 0;
  // When poll() is due even if nothing arrives.
  [[nodiscard]] virtual Instant poll_timeout() const = 0;

 protected:
  ~BusinessLink() = default;  // never deleted through the port
};

}  // namespace ferry
