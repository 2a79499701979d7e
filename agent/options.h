// The command line of ferry-agent.
#pragma once

#include <filesystem>
#include <optional>

namespace ferry::agent {

struct Options {
  std::filesystem::path factory;
  std::filesystem::path state;
  bool visit_now = false;  // a visit at start, whatever the window
  bool once = false;       // ends after the first visit that came to an end
  bool json = false;
  std::filesystem::path clock_offset;  // a file with seconds to add to the time of day: rehearsals
};

// Nothing where the program is to end with `exit_code` at once: help, or wrong usage.
[[nodiscard]] std::optional<Options> parse_options(int argc, char** argv, int& exit_code);

}  // namespace ferry::agent
