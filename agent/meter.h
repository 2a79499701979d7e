// The agent's business: a meter with plausible readings, reported as SenML packs whenever the device is at work.
#pragma once

#include "device/base/business_link.h"
#include "device/base/clock.h"
#include "device/factory/factory.h"

namespace ferry::agent {

struct Reading {
  double voltage = 0;  // V
  double current = 0;  // A
  double power = 0;    // W
  double energy = 0;   // kWh since the meter was installed
};

class Meter {
 public:
  Meter(const FactoryFile& factory, Clock& clock, BusinessLink& business);

  // Reports when it is time; `at_work` is false during an upgrade. Keeps metering all the while.
  void poll(Instant now, bool at_work);
  [[nodiscard]] Instant poll_timeout() const { return next_report_; }
  [[nodiscard]] const Reading& reading() const { return reading_; }

 private:
  void measure(Instant now);
  [[nodiscard]] bool report(Instant now);

  const FactoryFile& factory_;
  Clock& clock_;
  BusinessLink& business_;
  Reading reading_;
  Instant measured_{};
  Instant next_report_{};
};

}  // namespace ferry::agent
