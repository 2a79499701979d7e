#include "agent/options.h"

#include <CLI/CLI.hpp>

namespace ferry::agent {

std::optional<Options> parse_options(int argc, char** argv, int& exit_code) {
  Options options;
  CLI::App app{"ferry-agent: the device daemon. Works for its business server, and upgrades at its own moment.",
               "ferry-agent"};
  app.set_version_flag("--version", FERRY_VERSION);
  app.add_option("--factory", options.factory, "The device's factory file (ferry provision)")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--state", options.state, "Folder for the device's flash; made where it is not there")->required();
  app.add_flag("--now", options.visit_now, "Make a visit to the FTP server at once, whatever the window");
  app.add_flag("--once", options.once,
               "End after one visit: 0 = up to date, 1 = refused, failed or reverted (implies --now)");
  app.add_flag("--json", options.json, "One JSON object a line on stdout, for each event");
  app.add_option("--clock-offset", options.clock_offset,
                 "A file with seconds to add to the time of day, read again as it changes: for rehearsals");
  app.footer("Example:\n  ferry-agent --factory 0001.factory --state /var/lib/ferry --now");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : 2;
    return std::nullopt;
  }
  options.visit_now = options.visit_now || options.once;
  return options;
}

}  // namespace ferry::agent
