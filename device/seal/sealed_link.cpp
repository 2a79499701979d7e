#include "device/seal/sealed_link.h"

namespace ferry::seal {

SealedLink::SealedLink(BusinessLink& link, const FactoryParameters& factory, Journal& journal, Entropy& entropy)
    : link_(link) {
  if (factory.seal_key) {
    sealer_.emplace(*factory.seal_key, factory.device_id, journal, entropy);
  }
}

Status SealedLink::publish(Channel channel, ByteView message, Instant now) {
  if (!sealer_) {
    return link_.publish(channel, message, now);
  }
  // Asked before a number is spent: callers try again until they succeed.
  if (link_.state() != LinkState::kOnline) {
    return fail(Error::kWrongState);
  }
  if (!link_.all_acknowledged()) {
    return fail(Error::kBusy);
  }
  std::array<std::uint8_t, kMaxSealed> buffer;
  const auto sealed = sealer_->seal(channel, message, buffer);
  if (!sealed) {
    return fail(sealed.error() == Error::kNoSpace ? Error::kMqttTooLarge : sealed.error());
  }
  return link_.publish(channel, *sealed, now);
}

}  // namespace ferry::seal
