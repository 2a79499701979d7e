#include "tools/ferry/release_fit.h"

#include <algorithm>
#include <fmt/format.h>

#include "device/slots/layout.h"
#include "device/suit/sequence_check.h"
#include "device/upgrade/environment.h"
#include "host/failure.h"

namespace ferry::tool {
namespace {

// A device has the envelope in its memory with one member at a time; the text stays on the server.
std::size_t room_taken(const host::BuiltRelease& release) {
  std::size_t longest = 0;
  for (const host::SeveredFile& file : release.members) {
    longest = file.member == suit::Member::kText ? longest : std::max(longest, file.bytes.size());
  }
  return release.envelope.size() + longest;
}

// Of the try-each that chooses the payload: the deltas, and the whole image for each slot.
std::size_t alternatives(const host::ReleaseComponent& application) {
  return application.image.deltas.size() + 1 +
         (application.image_b ? application.image_b->deltas.size() + 1 : std::size_t{0});
}

// The image that has the most.
std::vector<host::ReleaseDelta>& longest_list(host::ReleaseComponent& application) {
  const bool second = application.image_b && application.image_b->deltas.size() > application.image.deltas.size();
  return second ? application.image_b->deltas : application.image.deltas;
}

void check_envelope(const host::BuiltRelease& release) {
  constexpr std::size_t kLargest = Layout::kEnvelopeSize - 128;  // less header and padding
  if (release.envelope.size() > kLargest) {
    throw host::Failure("the manifest has {} bytes and devices keep {}: shorten the notes, or leave --whole away",
                        release.envelope.size(), kLargest);
  }
}

}  // namespace

std::size_t smallest_room() {
  return MemoryOf<>::kLongestManifest;
}

host::BuiltRelease build_fitting(host::ReleaseSpec& spec, const host::EcPrivateKey& key, std::size_t room) {
  host::ReleaseComponent& application = spec.components.front();
  host::BuiltRelease release = host::build_release(spec, key);
  std::size_t left_out = 0;
  for (; room_taken(release) > room || alternatives(application) > suit::kMaxAlternatives; ++left_out) {
    std::vector<host::ReleaseDelta>& deltas = longest_list(application);
    if (deltas.empty()) {
      break;
    }
    fmt::print(stderr, "ferry: note: --from {}: left out; devices that run it fetch the whole image\n",
               deltas.back().from);
    deltas.pop_back();
    release = host::build_release(spec, key);
  }
  if (left_out > 0) {
    fmt::print(stderr,
               "ferry: note: {} deltas left out, those given last: manifest and longest member may have {} bytes "
               "(--room), and the choice {} alternatives; give first what most devices run\n",
               left_out, room, suit::kMaxAlternatives);
  }
  check_envelope(release);
  if (room_taken(release) > room) {
    fmt::print(stderr,
               "ferry: note: manifest and longest member have {} bytes; devices that have room for {} refuse them "
               "(manifest_too_large)\n",
               room_taken(release), room);
  }
  return release;
}

}  // namespace ferry::tool
