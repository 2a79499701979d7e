// A file of options for a command, as in /etc: lines of "name = value", "#" for remarks, names as on the command line
// without "--", true or false for flags. What the command line says wins.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>

namespace ferry::tool {

// Sets what is in `file`, for a command that was parsed. Throws host::Failure, naming the line: a name that is no
// option's, or twice, or a value that the option does not take.
void apply_config_file(CLI::App& command, const std::filesystem::path& file);

}  // namespace ferry::tool
