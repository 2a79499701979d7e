// ferry pack and ferry unpack: a whole image compressed, and the image again.
#include <fmt/format.h>

#include "host/crypto.h"
#include "host/files.h"
#include "host/packed/container.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/output.h"
#include "tools/ferry/progress.h"

namespace ferry::tool {
namespace {

namespace fs = std::filesystem;

struct PackOptions {
  fs::path image;
  fs::path out;
  bool json = false;
};

struct UnpackOptions {
  fs::path payload;
  fs::path out;
  bool json = false;
};

void write(const fs::path& file, const host::Bytes& bytes) {
  host::FileSet files;
  files.put(file, bytes);
  files.commit();
}

void pack(const PackOptions& options) {
  const host::Bytes image = host::read_file(options.image);
  std::optional<Progress> progress;
  const host::Bytes packed = host::packed::make_packed(image, {.progress = [&](std::size_t done, std::size_t total) {
                                                         if (!progress) {
                                                           progress.emplace(total);
                                                         }
                                                         progress->show(done, "packing");
                                                       }});
  progress.reset();
  write(options.out, packed);
  if (options.json) {
    print_json({{"file", options.out.string()}, {"size", packed.size()}, {"image-size", image.size()}});
    return;
  }
  fmt::print("{}: {} bytes, the image has {}\n", options.out.string(), packed.size(), image.size());
}

void unpack(const UnpackOptions& options) {
  const host::Bytes payload = host::read_file(options.payload);
  const host::Bytes image = [&] {
    try {
      return host::packed::unpack(payload);
    } catch (const host::Failure& failure) {
      throw host::Failure("{}: {}", options.payload.string(), failure.what());
    }
  }();
  write(options.out, image);
  if (options.json) {
    print_json({{"file", options.out.string()}, {"size", image.size()}, {"sha256", host::to_hex(host::sha256(image))}});
    return;
  }
  fmt::print("image: {} ({} bytes)\n", options.out.string(), image.size());
}

}  // namespace

void add_pack(CLI::App& app) {
  auto options = std::make_shared<PackOptions>();
  CLI::App* command = app.add_subcommand("pack", "Compress a whole image, as a release with --pack carries it");
  command->add_option("--image", options->image, "The image")->required();
  command->add_option("--out", options->out, "The payload to make, in clear")->required();
  add_json_flag(*command, options->json);
  command->footer("Example: ferry pack --image app.bin --out app.fpk");
  command->callback([options] { pack(*options); });
}

void add_unpack(CLI::App& app) {
  auto options = std::make_shared<UnpackOptions>();
  CLI::App* command = app.add_subcommand("unpack", "Make the image out of a packed one");
  command->add_option("--payload", options->payload, "The packed image, in clear, as `ferry pack` makes it")
      ->required();
  command->add_option("--out", options->out, "The image to write")->required();
  add_json_flag(*command, options->json);
  command->footer("Example: ferry unpack --payload app.fpk --out app.bin");
  command->callback([options] { unpack(*options); });
}

}  // namespace ferry::tool
