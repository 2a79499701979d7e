#include <exception>
#include <iostream>

#include "host/failure.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/output.h"

namespace {

void add_commands(CLI::App& app) {
  // In the order in which an operator meets them. A line appears when its command does.
  ferry::tool::add_keys(app);
  ferry::tool::add_product(app);
  ferry::tool::add_provision(app);
  ferry::tool::add_flash(app);
  ferry::tool::add_release(app);
  ferry::tool::add_inspect(app);
  ferry::tool::add_verify(app);
  ferry::tool::add_publish(app);
  ferry::tool::add_serve(app);
  ferry::tool::add_hub(app);
  ferry::tool::add_delta(app);
  ferry::tool::add_patch(app);
  ferry::tool::add_pack(app);
  ferry::tool::add_unpack(app);
  ferry::tool::add_demo(app);
}

int run(int argc, char** argv) {
  CLI::App app{"Ferry: secure firmware upgrades for embedded devices over any FTP server", "ferry"};
  app.set_version_flag("--version", FERRY_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  add_commands(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error) == 0 ? 0 : 2;
    ferry::tool::flush_output();
    return code;
  }
  ferry::tool::flush_output();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "ferry: " << error.what() << '\n';
    return 1;
  }
}
