// The whole image of a release, compressed.
#pragma once

#include "host/manifest_builder.h"

namespace ferry::tool {

// Packs the application, for each slot where that differs, and says on stderr how large it is with that. An image that
// does not get smaller stays as it is, and a note says so.
void pack(host::ReleaseComponent& application);

}  // namespace ferry::tool
