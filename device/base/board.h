// Port: reset and watchdog.
#pragma once

#include <cstdint>

namespace ferry {

enum class ResetCause : std::uint8_t {
  kPowerOn,   // power came back (also after a power cut)
  kSoftware,  // Board::reset()
  kWatchdog,  // the watchdog bit, or a fault handler reset the device
};

class Board {
 public:
  // Resets the device. Does not return on hardware; on a host the caller's poll() returns and is not called again.
  virtual void reset() = 0;
  [[nodiscard]] virtual ResetCause reset_cause() = 0;
  virtual void feed_watchdog() = 0;

 protected:
  ~Board() = default;  // never deleted through the port
};

}  // namespace ferry
