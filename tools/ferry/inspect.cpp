// ferry inspect: explains any Ferry file.
#include "tools/ferry/inspect.h"

#include "device/crypto/crypto.h"
#include "host/ec_key.h"
#include "host/failure.h"
#include "host/files.h"
#include "tools/ferry/commands.h"

namespace ferry::tool {
namespace {

struct Options {
  std::filesystem::path file;
  std::filesystem::path factory;
  std::filesystem::path manifest;
  std::filesystem::path old_image;
  std::filesystem::path svg;
  std::vector<std::filesystem::path> trust;
  bool json = false;
};

InspectInput read(const Options& options) {
  InspectInput input;
  input.file = options.file;
  input.bytes = host::read_file(options.file);
  input.manifest = options.manifest;
  input.old_image = options.old_image;
  input.svg = options.svg;
  if (input.bytes.empty()) {
    throw host::Failure("{}: the file is empty", options.file.string());
  }
  for (const std::filesystem::path& file : options.trust) {
    const auto key = host::EcPublicKey::from_pem(host::read_text_file(file), file.string());
    input.anchors.push_back({.algorithm = cose::kEsp256, .key = key.point()});
  }
  if (!options.factory.empty()) {
    input.factory_bytes = host::read_file(options.factory);
    const auto factory = decode_factory(input.factory_bytes);
    if (!factory) {
      throw host::Failure("{}: no factory file ({}); `ferry provision` makes one", options.factory.string(),
                          name(factory.error()));
    }
    input.factory = *factory;
    const FactoryParameters& parameters = factory->parameters;
    input.anchors.insert(input.anchors.end(), parameters.anchors.begin(),
                         parameters.anchors.begin() + static_cast<std::ptrdiff_t>(parameters.anchor_count));
  }
  return input;
}

Json inspect(const InspectInput& input) {
  // From the kind that cannot be mistaken to the one that can be anything.
  for (const auto part : {inspect_factory, inspect_manifest, inspect_flash, inspect_payload}) {
    if (auto document = part(input)) {
      return *document;
    }
  }
  throw host::Failure("{}: no Ferry file: neither manifest, payload (.fpk), factory file nor flash image",
                      input.file.string());
}

void run(const Options& options) {
  if (!crypto::start()) {
    throw host::Failure("the cryptography library does not start");
  }
  const Json document = inspect(read(options));
  if (!options.svg.empty() && !document.contains("copied-units")) {
    throw host::Failure("{}: no delta that can be read, so there is nothing to draw", options.file.string());
  }
  if (options.json) {
    print_json(document);
    return;
  }
  print_tree(document);
}

}  // namespace

void add_inspect(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "inspect", "Explain any Ferry file: manifest, payload, factory parameters, flash image, journal");
  command->add_option("FILE", options->file, "The file to explain")->required();
  command->add_option("--factory", options->factory, "Stand in for this device: judge signatures, decrypt payloads");
  command->add_option("--trust", options->trust, "Judge signatures by this public release key (PEM)")
      ->allow_extra_args(false);
  command->add_option("--manifest", options->manifest, "The manifest that a payload belongs to");
  command->add_option("--from", options->old_image, "The image that a delta was made from: explains it block by block");
  command->add_option("--svg", options->svg, "Draw the delta into this file; needs --from");
  add_json_flag(*command, options->json);
  command->footer(
      "Example: ferry inspect repository/acme.example/m1/r2/manifest.suit --trust release-keys/release.pub");
  command->callback([options] { run(*options); });
}

}  // namespace ferry::tool
