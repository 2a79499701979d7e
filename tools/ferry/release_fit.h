// A release that devices have room for.
#pragma once

#include "host/manifest_builder.h"

namespace ferry::tool {

// What a device with a buffer of 4 KiB has for the envelope with one severed member.
[[nodiscard]] std::size_t smallest_room();

// Builds it. Where manifest and longest member take more than `room`, deltas are left out of `spec`, those given last
// first, and a note on stderr names each. Throws Failure where a slot cannot keep the manifest.
[[nodiscard]] host::BuiltRelease build_fitting(host::ReleaseSpec& spec, const host::EcPrivateKey& key,
                                               std::size_t room);

}  // namespace ferry::tool
