// What the driver needs besides the serial line.
#pragma once

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry::modem {

// The module's power. A board without one of the lines does nothing there.
class PowerLines {
 public:
  virtual void set_supply(bool on) = 0;
  virtual void press_power_key(bool pressed) = 0;  // PWRKEY low

 protected:
  ~PowerLines() = default;  // never deleted through the port
};

// A few bytes that survive a reset of the MCU: backup registers, retained RAM, a journal record. Changed seldom: a few
// times for each recovery.
class RetainedRecord {
 public:
  // Returns how many bytes were put into `record`; 0 = nothing is retained. Errors: kIo.
  [[nodiscard]] virtual Result<std::size_t> load(ByteSpan record) = 0;
  [[nodiscard]] virtual Status store(ByteView record) = 0;  // Errors: kIo

 protected:
  ~RetainedRecord() = default;  // never deleted through the port
};

}  // namespace ferry::modem
