// Which slots are in force, what is on trial, and the floor: one journal record, so that every change is atomic.
// The truth table is in spec/boot.md. The bootloader and the application both use this; nothing else writes the record.
#pragma once

#include <optional>

#include "device/crypto/crypto.h"
#include "device/journal/journal.h"
#include "device/slots/layout.h"

namespace ferry {

enum class TrialPhase : std::uint8_t {
  kNone = 0,
  kArmed = 1,    // burnt and checked; the next boot starts it
  kRunning = 2,  // started at least once, not confirmed yet
};

struct Release {  // a manifest that was accepted, in short
  std::uint64_t sequence = 0;
  Sha256Digest manifest{};  // digest of the manifest, as signed
  // The sequence and the first 20 bytes of the digest count: as much as flash keeps.
  friend bool operator==(const Release& a, const Release& b);
};

struct BootState {
  SlotSet confirmed;  // what runs when nothing is on trial
  TrialPhase phase = TrialPhase::kNone;
  SlotSet trial;                           // meaningful unless phase is kNone
  Release trial_release;                   // likewise
  std::uint8_t crashes = 0;                // starts of the trial that a watchdog or fault ended
  std::uint8_t power_cuts = 0;             // starts of the trial that a loss of power ended
  std::uint8_t handlers_to_activate = 0;   // bit i: handler i's new file is to be put in force by the new image
  std::uint8_t handlers_to_roll_back = 0;  // bit i: handler i must go back to what it had
  Release floor;                           // highest confirmed release: lower sequences are refused for ever
  Release failed;                          // last release that was reverted
  std::uint8_t failed_count = 0;           // how often it failed by its own fault (power cuts do not count)
  Error revert_reason{};                   // why; 0 = never reverted
  bool revert_reported = true;             // the business server has been told
};

inline constexpr std::uint8_t kMaxTrialCrashes = 2;
inline constexpr std::uint8_t kMaxTrialPowerCuts = 32;

class BootStateStore {
 public:
  explicit BootStateStore(Journal& journal) : journal_(journal) {}

  // Reads the record; kNotFound on a device that never had one (state() is then the default). Errors: kNotFound,
  // kCorrupt (fails its version or size), kIo.
  [[nodiscard]] Status load();
  [[nodiscard]] const BootState& state() const { return state_; }

  // Every change is durable when it returns; on an error state() is as before. Errors of all: as Journal::put.
  [[nodiscard]] Status adopt(SlotSet running, const Release& release);  // first boot, or a lost journal: confirmed
  [[nodiscard]] Status arm_trial(SlotSet trial, const Release& release, std::uint8_t handlers);
  [[nodiscard]] Status trial_started();     // kArmed -> kRunning
  [[nodiscard]] Status trial_crashed();     // counts
  [[nodiscard]] Status trial_lost_power();  // counts
  [[nodiscard]] Status handler_activated(std::size_t handler);
  [[nodiscard]] Status handler_rolled_back(std::size_t handler);
  // The trial becomes what is in force and the floor rises to it, in one write. kWrongState unless on trial.
  [[nodiscard]] Status confirm();
  // Back to `confirmed`, with the reason kept for the report. kWrongState unless on trial.
  [[nodiscard]] Status revert(Error reason);
  [[nodiscard]] Status revert_reported();

 private:
  [[nodiscard]] bool on_trial() const { return state_.phase != TrialPhase::kNone; }
  [[nodiscard]] Status save(const BootState& next);

  Journal& journal_;
  BootState state_;
};

}  // namespace ferry
