// ferry flash: a device's flash as it leaves the factory.
#include <fmt/format.h>

#include "host/files.h"
#include "host/flash_image.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/output.h"

namespace ferry::tool {
namespace {

struct Options {
  std::filesystem::path factory;
  std::filesystem::path manifest;
  std::filesystem::path image;
  std::filesystem::path out;
  std::uint32_t factory_area = 0;
  std::uint32_t write_size = 8;
  bool json = false;
};

void run(const Options& options) {
  const host::Bytes bytes = host::make_flash_image({.factory = host::read_file(options.factory),
                                                    .envelope = host::read_file(options.manifest),
                                                    .image = host::read_file(options.image),
                                                    .factory_area = options.factory_area,
                                                    .write_size = options.write_size});
  host::FileSet files;
  files.put(options.out, bytes, host::Mode::kSecret, host::Existing::kRefuse);
  files.commit();
  if (options.json) {
    print_json_line({{"file", options.out.string()}, {"bytes", bytes.size()}});
    return;
  }
  fmt::print("flash: {} ({} bytes; holds secrets: write it to the device, then keep it safe)\n", options.out.string(),
             bytes.size());
}

}  // namespace

void add_flash(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("flash", "Make a device's flash as it leaves the factory");
  command->add_option("--factory", options->factory, "The device's factory file")->required();
  command->add_option("--manifest", options->manifest, "Manifest of the first release")->required();
  command->add_option("--image", options->image, "The release's image, as it stands in slot A")->required();
  command->add_option("--out", options->out, "The flash image to write")->required();
  command
      ->add_option("--factory-area", options->factory_area,
                   "Bytes in front that hold the factory file behind its length; 0: the device keeps it elsewhere")
      ->capture_default_str()
      ->check(CLI::Range(0U, 1U << 20));
  command->add_option("--write-size", options->write_size, "Bytes that the flash writes at once")
      ->capture_default_str()
      ->check(CLI::IsMember({1, 2, 4, 8, 16, 32}));
  add_json_flag(*command, options->json);
  command->footer(
      "Example: the flash of a meter on the emulated Cortex-M board\n"
      "  ferry flash --factory 0001.factory --manifest repo/acme.example/m1/r2/manifest.suit \\\n"
      "        --image meter-a.bin --factory-area 8192 --out flash.bin");
  command->callback([options] { run(*options); });
}

}  // namespace ferry::tool
