#include "device/slots/boot_state.h"

#include <algorithm>

namespace ferry {
namespace {

constexpr std::uint8_t kFormat = 1;

// Offsets in the record; spec/flash.md draws it. All numbers are little-endian.
enum Offset : std::size_t {
  kFormatAt = 0,
  kPhaseAt = 1,
  kConfirmedAt = 2,
  kTrialAt = 3,
  kCrashesAt = 4,
  kPowerCutsAt = 5,
  kToActivateAt = 6,
  kToRollBackAt = 7,
  kFailedCountAt = 8,
  kReportedAt = 9,
  kReasonAt = 10,
  kTrialReleaseAt = 12,
  kFloorAt = 12 + 28,
  kFailedAt = 12 + 56,
  kSize = 12 + 84,
};
// Of a release the record keeps 8 bytes of sequence and the first 20 of the digest: enough to tell two releases of one
// sequence apart, and small enough for the journal.
constexpr std::size_t kDigestKept = 20;

void store_release(ByteSpan out, const Release& release) {
  store_le64(out, release.sequence);
  copy(ByteView(release.manifest).first(kDigestKept), out.subspan(8));
}

Release load_release(ByteView bytes) {
  Release release;
  release.sequence = load_le64(bytes);
  copy(bytes.subspan(8, kDigestKept), release.manifest);
  return release;
}

void encode_state(const BootState& state, std::span<std::uint8_t, kSize> out) {
  out[kFormatAt] = kFormat;
  out[kPhaseAt] = static_cast<std::uint8_t>(state.phase);
  out[kConfirmedAt] = state.confirmed.bits();
  out[kTrialAt] = state.trial.bits();
  out[kCrashesAt] = state.crashes;
  out[kPowerCutsAt] = state.power_cuts;
  out[kToActivateAt] = state.handlers_to_activate;
  out[kToRollBackAt] = state.handlers_to_roll_back;
  out[kFailedCountAt] = state.failed_count;
  out[kReportedAt] = state.revert_reported ? 1 : 0;
  store_le16(out.subspan(kReasonAt), static_cast<std::uint16_t>(state.revert_reason));
  store_release(out.subspan(kTrialReleaseAt), state.trial_release);
  store_release(out.subspan(kFloorAt), state.floor);
  store_release(out.subspan(kFailedAt), state.failed);
}

Result<BootState> decode_state(ByteView bytes) {
  if (bytes.size() != kSize || bytes[kFormatAt] != kFormat ||
      bytes[kPhaseAt] > static_cast<std::uint8_t>(TrialPhase::kRunning)) {
    return fail(Error::kCorrupt);
  }
  BootState state;
  state.phase = static_cast<TrialPhase>(bytes[kPhaseAt]);
  state.confirmed = SlotSet(bytes[kConfirmedAt]);
  state.trial = SlotSet(bytes[kTrialAt]);
  state.crashes = bytes[kCrashesAt];
  state.power_cuts = bytes[kPowerCutsAt];
  state.handlers_to_activate = bytes[kToActivateAt];
  state.handlers_to_roll_back = bytes[kToRollBackAt];
  state.failed_count = bytes[kFailedCountAt];
  state.revert_reported = bytes[kReportedAt] != 0;
  state.revert_reason = static_cast<Error>(load_le16(bytes.subspan(kReasonAt)));
  state.trial_release = load_release(bytes.subspan(kTrialReleaseAt));
  state.floor = load_release(bytes.subspan(kFloorAt));
  state.failed = load_release(bytes.subspan(kFailedAt));
  return state;
}

void count_up(std::uint8_t& counter) {
  counter = counter < UINT8_MAX ? counter + 1 : counter;
}

void end_trial(BootState& state) {
  state.phase = TrialPhase::kNone;
  state.trial = SlotSet();
  state.trial_release = {};
  state.crashes = 0;
  state.power_cuts = 0;
  state.handlers_to_activate = 0;
}

}  // namespace

bool operator==(const Release& a, const Release& b) {
  return a.sequence == b.sequence &&
         std::equal(a.manifest.begin(), a.manifest.begin() + kDigestKept, b.manifest.begin());
}

Status BootStateStore::load() {
  std::array<std::uint8_t, Journal::kMaxValue> record{};
  state_ = {};
  FERRY_TRY_ASSIGN(const ByteView bytes, journal_.get(Tag::kBootState, record));
  FERRY_TRY_ASSIGN(state_, decode_state(bytes));
  return ok();
}

Status BootStateStore::adopt(SlotSet running, const Release& release) {
  BootState next = state_;
  end_trial(next);
  next.confirmed = running;
  if (release.sequence > next.floor.sequence) {
    next.floor = release;
  }
  return save(next);
}

Status BootStateStore::arm_trial(SlotSet trial, const Release& release, std::uint8_t handlers) {
  BootState next = state_;
  end_trial(next);
  next.phase = TrialPhase::kArmed;
  next.trial = trial;
  next.trial_release = release;
  next.handlers_to_activate = handlers;
  return save(next);
}

Status BootStateStore::trial_started() {
  if (state_.phase != TrialPhase::kArmed) {
    return fail(Error::kWrongState);
  }
  BootState next = state_;
  next.phase = TrialPhase::kRunning;
  return save(next);
}

Status BootStateStore::trial_crashed() {
  BootState next = state_;
  count_up(next.crashes);
  return on_trial() ? save(next) : fail(Error::kWrongState);
}

Status BootStateStore::trial_lost_power() {
  BootState next = state_;
  count_up(next.power_cuts);
  return on_trial() ? save(next) : fail(Error::kWrongState);
}

Status BootStateStore::handler_activated(std::size_t handler) {
  BootState next = state_;
  const auto bit = static_cast<std::uint8_t>(1U << handler);
  next.handlers_to_activate = static_cast<std::uint8_t>(next.handlers_to_activate & ~bit);
  next.handlers_to_roll_back = static_cast<std::uint8_t>(next.handlers_to_roll_back | bit);  // should the trial fail
  return save(next);
}

Status BootStateStore::handler_rolled_back(std::size_t handler) {
  BootState next = state_;
  next.handlers_to_roll_back = static_cast<std::uint8_t>(next.handlers_to_roll_back & ~(1U << handler));
  return save(next);
}

Status BootStateStore::confirm() {
  if (!on_trial()) {
    return fail(Error::kWrongState);
  }
  BootState next = state_;
  next.confirmed = state_.trial;
  next.floor = state_.trial_release;
  next.handlers_to_roll_back = 0;
  end_trial(next);
  return save(next);
}

Status BootStateStore::revert(Error reason) {
  if (!on_trial()) {
    return fail(Error::kWrongState);
  }
  BootState next = state_;
  const bool failed_before = next.failed == state_.trial_release;
  next.failed_count = failed_before ? next.failed_count : 0;
  if (reason != Error::kTrialPowerCuts) {
    count_up(next.failed_count);
  }
  next.failed = state_.trial_release;
  next.revert_reason = reason;
  next.revert_reported = false;
  next.handlers_to_roll_back = static_cast<std::uint8_t>(next.handlers_to_roll_back | next.handlers_to_activate);
  end_trial(next);
  return save(next);
}

Status BootStateStore::revert_reported() {
  BootState next = state_;
  next.revert_reported = true;
  return save(next);
}

Status BootStateStore::save(const BootState& next) {
  std::array<std::uint8_t, kSize> record{};
  encode_state(next, record);
  FERRY_TRY(journal_.put(Tag::kBootState, record));
  state_ = next;
  return ok();
}

}  // namespace ferry
