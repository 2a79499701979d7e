// The boot decision: which slots start, after which checks, and what that changes in flash. No network.
//
// The truth table, in the order in which its rows are tried, is in spec/boot.md; decide() is that table. It is safe to
// cut the power anywhere in it: it is simply taken again.
#pragma once

#include "device/base/board.h"
#include "device/factory/factory.h"
#include "device/slots/boot_state.h"
#include "device/suit/manifest.h"

namespace ferry {

enum class BootAction : std::uint8_t {
  kStart,     // what was confirmed
  kTrial,     // the new release, on trial
  kRecovery,  // nothing authentic is there: keep what is in flash, and say so
};

struct BootDecision {
  BootAction action = BootAction::kRecovery;
  SlotSet slots;          // what starts, unless kRecovery
  Release release;        // under which it was burnt
  suit::Version version;  // of it; count 0 where its manifest names none
  // 0, or what was found wrong on the way: why the trial was reverted (kTrial*), or why the confirmed slots could not
  // be started and the other ones were taken (kNotAuthentic, kImageMismatch, ...).
  Error reason{};
};

class Boot {
 public:
  // All must outlive the object. `envelope_buffer` holds one envelope; `hash_buffer` (256 bytes or more) is what an
  // image is read through.
  Boot(const Layout& layout, const FactoryParameters& factory, Journal& journal, BootStateStore& store,
       ByteSpan envelope_buffer, ByteSpan hash_buffer);

  // The journal is mounted. Errors: kIo and the journal's, where flash cannot be used at all; everything else is a
  // decision.
  [[nodiscard]] Result<BootDecision> decide(ResetCause cause);

 private:
  // Authenticates the envelope of `slots`, checks that it is for this device, and every image against it.
  // `search`: take the other images from whichever slot matches.
  [[nodiscard]] Result<BootDecision> verify(SlotSet slots, bool search);
  [[nodiscard]] Result<BootDecision> verify_once(SlotSet slots, bool search);
  [[nodiscard]] Status take_up_lost_state();
  [[nodiscard]] Status settle_trial(ResetCause cause);
  [[nodiscard]] Status drop_trial(Error reason);
  [[nodiscard]] Result<BootDecision> start_trial();
  [[nodiscard]] Result<BootDecision> start_confirmed();

  const Layout& layout_;
  const FactoryParameters& factory_;
  Journal& journal_;
  BootStateStore& store_;
  ByteSpan envelope_buffer_;
  ByteSpan hash_buffer_;
  Error reason_{};
};

}  // namespace ferry
