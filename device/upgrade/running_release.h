// What runs now: the slots in force or on trial, and the release that they were burnt under.
#pragma once

#include "device/upgrade/environment.h"

namespace ferry {

struct RunningRelease {
  bool blank = true;  // no slot holds an authentic release: a device before its first installation
  bool on_trial = false;
  SlotSet slots;
  Release release;
  suit::Version version;  // count 0 = not named
};

// Reads the envelope of the running slot through `buffer`. A slot that holds none is a blank device.
[[nodiscard]] RunningRelease find_running_release(const Environment& environment, const BootState& state,
                                                  ByteSpan buffer);

}  // namespace ferry
