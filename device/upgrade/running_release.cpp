#include "device/upgrade/running_release.h"

#include "device/slots/slot.h"
#include "device/suit/manifest.h"

namespace ferry {
namespace {

Result<suit::Manifest> read_manifest(const Environment& environment, SlotId slot, ByteSpan buffer) {
  const Area& area = environment.layout.images[0].envelope[static_cast<std::size_t>(slot)];
  FERRY_TRY_ASSIGN(const ByteView envelope, read_envelope(area, buffer));
  const FactoryParameters& factory = environment.factory.parameters;
  return suit::authenticate(envelope, std::span(factory.anchors).first(factory.anchor_count));
}

}  // namespace

RunningRelease find_running_release(const Environment& environment, const BootState& state, ByteSpan buffer) {
  RunningRelease running;
  running.on_trial = state.phase == TrialPhase::kRunning;
  running.slots = running.on_trial ? state.trial : state.confirmed;
  const auto manifest = read_manifest(environment, running.slots.slot(0), buffer);
  if (manifest) {
    running.blank = false;
    running.release = {.sequence = manifest->sequence_number(), .manifest = manifest->digest()};
    running.version = manifest->set_version().value_or(suit::Version{});
  }
  return running;
}

}  // namespace ferry
