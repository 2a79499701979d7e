// ferry pack: a whole image compressed, as a file.
#include <fmt/format.h>

#include "host/files.h"
#include "host/packed/container.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/output.h"

namespace ferry::tool {
namespace {

struct Options {
  std::filesystem::path image;
  std::filesystem::path out;
  bool json = false;
};

void run(const Options& options) {
  const host::Bytes image = host::read_file(options.image);
  const host::Bytes packed = host::packed::make_packed(image);
  host::FileSet files;
  files.put(options.out, packed);
  files.commit();
  if (options.json) {
    print_json({{"file", options.out.string()}, {"size", packed.size()}, {"image-size", image.size()}});
    return;
  }
  fmt::print("{}: {} bytes, the image has {}\n", options.out.string(), packed.size(), image.size());
}

}  // namespace

void add_pack(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("pack", "Compress a whole image, as a release with --pack carries it");
  command->add_option("--image", options->image, "The image")->required();
  command->add_option("--out", options->out, "The payload to make, in clear")->required();
  add_json_flag(*command, options->json);
  command->footer("Example: ferry pack --image app.bin --out app.fpk");
  command->callback([options] { run(*options); });
}

}  // namespace ferry::tool
