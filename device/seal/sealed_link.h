// A business link that seals what passes through it on its way out. Without a key it changes nothing.
#pragma once

#include <optional>

#include "device/seal/sealer.h"

namespace ferry::seal {

class SealedLink final : public BusinessLink {
 public:
  static constexpr std::size_t kMaxSealed = 512;  // of one message, sealed: what mqtt/ carries

  // All must outlive the object.
  SealedLink(BusinessLink& link, const FactoryParameters& factory, Journal& journal, Entropy& entropy);

  void start(Instant now) override { link_.start(now); }
  void stop(Instant now) override { link_.stop(now); }
  [[nodiscard]] LinkState state() const override { return link_.state(); }
  // Errors besides those of the link: as Sealer::seal(), with kMqttTooLarge for kNoSpace.
  [[nodiscard]] Status publish(Channel channel, ByteView message, Instant now) override;
  [[nodiscard]] bool all_acknowledged() const override { return link_.all_acknowledged(); }
  void poll(Instant now) override { link_.poll(now); }
  [[nodiscard]] Instant poll_timeout() const override { return link_.poll_timeout(); }

 private:
  BusinessLink& link_;
  std::optional<Sealer> sealer_;
};

}  // namespace ferry::seal
