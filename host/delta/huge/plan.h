// How a large image is cut into literals and copies.
#pragma once

#include <functional>

#include "host/delta/huge/images.h"

namespace ferry::host::delta::huge {

using ferry::delta::huge::Piece;

struct PlanOptions {
  std::uint32_t least_gain = 12;
  int rounds = 2;
  Bases bases;
  bool is_code = false;
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

[[nodiscard]] std::vector<Piece> cut(ByteView old, ByteView fresh, const PlanOptions& options);

}  // namespace ferry::host::delta::huge
