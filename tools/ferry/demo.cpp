#include "host/failure.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/demo/rehearsal.h"

namespace ferry::tool {

void add_demo(CLI::App& app) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App* command = app.add_subcommand("demo", "The whole mission on this machine, in a temporary folder");
  CLI::Option* image =
      command->add_option("--image", options->images, "OLD NEW: your own firmware images; else two of Debian's opensbi")
          ->expected(2);
  CLI::Option* mcu =
      command->add_flag("--mcu", options->mcu, "The devices are Cortex-M4 boards in QEMU, each with a 4G module")
          ->excludes(image);
  command
      ->add_option("--firmware", options->firmware,
                   "With --mcu: the folder of what script/firmware makes; else ../../cortex-m4/bin from this program")
      ->needs(mcu);
  command->add_option("--ftp-server", options->ftp_server, "builtin, vsftpd, pure-ftpd or proftpd")
      ->capture_default_str()
      ->check(CLI::IsMember({"builtin", "vsftpd", "pure-ftpd", "proftpd"}));
  command->add_option("--drops", options->drops, "Times that the network breaks the upgrade's download off")
      ->check(CLI::Range(0U, 100U));
  command->add_flag("--keep", options->keep, "Keep the temporary folder");
  command->add_flag("--dashboard", options->dashboard,
                    "Wait for you to open the business server's dashboard before the devices start, and to close it");
  command->add_flag("--json", options->json, "One JSON object a line");
  command->footer(
      "Example: ferry demo --ftp-server vsftpd --image old.bin new.bin\n         ferry demo --mcu --drops 2\n         "
      "ferry demo --dashboard");
  command->callback([options] { Rehearsal(*options).run(); });
}

}  // namespace ferry::tool
