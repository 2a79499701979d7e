#include "device/boot/boot.h"

#include "device/boot/boot_platform.h"
#include "device/slots/slot.h"
#include "device/suit/processor.h"

namespace ferry {
namespace {

constexpr int kReadAttempts = 2;  // a bit that reads unstable once costs nobody a release

Status run(suit::Processor& processor, suit::Member member) {
  FERRY_TRY(processor.begin(member));
  FERRY_TRY_ASSIGN(const suit::Progress progress, processor.step());
  return progress == suit::Progress::kDone ? ok() : fail(Error::kUnsupported);  // nothing waits at boot
}

// A frame of its own: on the stack a Processor and what authenticates a manifest need not stand at the same time.
[[gnu::noinline]] Status check(const suit::Manifest& manifest, BootPlatform& platform) {
  suit::Processor processor(manifest, platform);
  FERRY_TRY(run(processor, suit::Member::kValidate));
  if (!platform.application_matched()) {
    return fail(Error::kUnchecked);
  }
  FERRY_TRY(run(processor, suit::Member::kInvoke));
  return platform.application_invoked() ? ok() : fail(Error::kUnchecked);
}

}  // namespace

Boot::Boot(const Layout& layout, const FactoryParameters& factory, Journal& journal, BootStateStore& store,
           ByteSpan envelope_buffer, ByteSpan hash_buffer)
    : layout_(layout),
      factory_(factory),
      journal_(journal),
      store_(store),
      envelope_buffer_(envelope_buffer),
      hash_buffer_(hash_buffer) {}

// This function is the truth table of spec/boot.md.
Result<BootDecision> Boot::decide(ResetCause cause) {
  reason_ = Error{};
  const Status loaded = store_.load();
  if (!loaded && loaded.error() == Error::kIo) {
    return fail(Error::kIo);
  }
  if (!loaded || journal_.lost_records()) {
    FERRY_TRY(take_up_lost_state());
  }
  FERRY_TRY(settle_trial(cause));
  if (store_.state().phase != TrialPhase::kNone) {
    FERRY_TRY_ASSIGN(BootDecision trial, start_trial());
    if (trial.action == BootAction::kTrial) {
      return trial;
    }
  }
  return start_confirmed();
}

// The journal lost its record, or may have gone back to an older one. What the slots themselves prove is taken up
// again: the floor is at least what is burnt and authentic, and the newer release has to prove itself anew.
Status Boot::take_up_lost_state() {
  if (store_.state().phase != TrialPhase::kNone) {
    return ok();
  }
  const auto a = verify(SlotSet(0), true);
  const auto b = verify(SlotSet(1), true);
  if (!a && !b) {
    return ok();
  }
  if (!a || !b) {
    return store_.adopt(a ? a->slots : b->slots, a ? a->release : b->release);
  }
  const bool a_is_newer = a->release.sequence > b->release.sequence;
  const BootDecision& newer = a_is_newer ? *a : *b;
  const BootDecision& older = a_is_newer ? *b : *a;
  if (newer.release == store_.state().failed || newer.release == older.release) {
    return store_.adopt(older.slots, older.release);
  }
  if (newer.slots == store_.state().confirmed && newer.release == store_.state().floor) {
    return ok();
  }
  FERRY_TRY(store_.adopt(older.slots, newer.release));
  return store_.arm_trial(newer.slots, newer.release, 0);
}

Status Boot::settle_trial(ResetCause cause) {
  if (store_.state().phase != TrialPhase::kRunning) {
    return ok();
  }
  if (cause == ResetCause::kPowerOn) {
    FERRY_TRY(store_.trial_lost_power());
    return store_.state().power_cuts > kMaxTrialPowerCuts ? drop_trial(Error::kTrialPowerCuts) : ok();
  }
  FERRY_TRY(store_.trial_crashed());
  return store_.state().crashes > kMaxTrialCrashes ? drop_trial(Error::kTrialCrashed) : ok();
}

Status Boot::drop_trial(Error reason) {
  reason_ = reason;
  const SlotId slot = store_.state().trial.slot(0);
  const bool shares_the_slot = slot == store_.state().confirmed.slot(0);
  FERRY_TRY(store_.revert(reason));
  // Without its envelope the slot can never be taken for a good one again, whatever becomes of the journal.
  return shares_the_slot ? ok() : erase_envelope(layout_.images[0].envelope[static_cast<std::size_t>(slot)]);
}

Result<BootDecision> Boot::start_trial() {
  auto trial = verify(store_.state().trial, false);
  if (!trial || trial->release != store_.state().trial_release) {
    FERRY_TRY(drop_trial(Error::kTrialImageBad));
    return BootDecision{};
  }
  if (store_.state().phase == TrialPhase::kArmed) {
    FERRY_TRY(store_.trial_started());
  }
  trial->action = BootAction::kTrial;
  return *trial;
}

Result<BootDecision> Boot::start_confirmed() {
  const SlotSet confirmed = store_.state().confirmed;
  auto decision = verify(confirmed, false);
  if (!decision) {
    const Error wrong = decision.error();
    reason_ = reason_ == Error{} ? wrong : reason_;
    decision = verify(confirmed.with_flipped(0), true);
    if (!decision) {
      BootDecision recovery;
      recovery.reason = reason_;
      return recovery;
    }
    FERRY_TRY(store_.adopt(decision->slots, decision->release));
  }
  decision->action = BootAction::kStart;
  decision->reason = reason_;
  return *decision;
}

Result<BootDecision> Boot::verify(SlotSet slots, bool search) {
  Result<BootDecision> result = fail(Error::kSlotEmpty);
  for (int attempt = 0; attempt < kReadAttempts && !result; ++attempt) {
    result = verify_once(slots, search);
  }
  return result;
}

Result<BootDecision> Boot::verify_once(SlotSet slots, bool search) {
  const Area& area = layout_.images[0].envelope[static_cast<std::size_t>(slots.slot(0))];
  FERRY_TRY_ASSIGN(const ByteView envelope, read_envelope(area, envelope_buffer_));
  FERRY_TRY_ASSIGN(const suit::Manifest& manifest,
                   suit::authenticate(envelope, std::span(factory_.anchors).first(factory_.anchor_count)));
  BootPlatform platform(layout_, factory_, manifest, slots, search, hash_buffer_);
  FERRY_TRY(check(manifest, platform));
  BootDecision decision;
  decision.slots = platform.slots();
  decision.release = {.sequence = manifest.sequence_number(), .manifest = manifest.digest()};
  decision.version = manifest.set_version().value_or(suit::Version{});
  return decision;
}

}  // namespace ferry
