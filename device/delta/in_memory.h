// An old image and a patch that stand in memory as a whole.
#pragma once

#include "device/coding/in_memory.h"

namespace ferry::delta {

using coding::ImageInMemory;
using PatchInMemory = coding::BytesInMemory;

}  // namespace ferry::delta
