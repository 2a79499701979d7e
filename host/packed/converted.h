// An image with the places of its branches counted from its beginning, as the coder sees it.
#pragma once

#include "host/bytes.h"

namespace ferry::host::packed {

// `branches`: false gives the image as it is.
[[nodiscard]] Bytes converted(ByteView image, bool branches);

}  // namespace ferry::host::packed
