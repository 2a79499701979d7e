// The ranges of the values in a factory file. spec/factory.md, "Values".
#pragma once

#include "device/factory/factory.h"

namespace ferry {

// kInvalidArgument unless every value is in its range.
[[nodiscard]] Status check_factory(const FactoryFile& file);

}  // namespace ferry
