// The meter's business: measures every second, and reports a pack of readings when it is time and the link is up.
#pragma once

#include "device/base/business_link.h"
#include "device/base/clock.h"
#include "device/factory/factory.h"

namespace ferry::firmware {

class Meter {
 public:
  Meter(const FactoryFile& factory, Clock& clock, BusinessLink& business);
  // `at_work`: readings go out; measured is always.
  void poll(Instant now, bool at_work);

 private:
  void measure(Instant now);
  [[nodiscard]] bool report(Instant now);

  const FactoryFile& factory_;
  Clock& clock_;
  BusinessLink& business_;
  Instant measured_{};
  Instant next_report_{};
  std::uint32_t power_watts_ = 0;
  std::uint32_t decivolts_ = 0;
  std::uint32_t millihertz_ = 0;
  std::uint64_t watt_seconds_ = 0;
};

}  // namespace ferry::firmware
