// How the commands that make deltas are told what the devices have.
#pragma once

#include <CLI/CLI.hpp>

#include "host/delta/encoder.h"

namespace ferry::tool {

struct DeltaOptions {
  std::uint32_t memory_kib = 12;
  std::string mode = "auto";

  void add_to(CLI::App& command);
  [[nodiscard]] host::delta::EncodeOptions encode_options() const;
};

}  // namespace ferry::tool
