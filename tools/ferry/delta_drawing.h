// Draws what a delta is made of, as SVG: old and new image, what is copied from where, and where the bytes go.
#pragma once

#include <string>

#include "host/delta/account.h"

namespace ferry::tool {

[[nodiscard]] std::string draw(const host::delta::Account& account, const std::string& title);

}  // namespace ferry::tool
