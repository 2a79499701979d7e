// ferry verify: everything that a device would check, on a whole repository.
#include <chrono>
#include <fmt/format.h>

#include "device/crypto/crypto.h"
#include "host/ec_key.h"
#include "host/failure.h"
#include "host/files.h"
#include "host/repository_check.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/output.h"

namespace ferry::tool {
namespace {

struct Options {
  std::filesystem::path folder;
  std::filesystem::path factory;
  std::vector<std::filesystem::path> trust;
  bool json = false;
};

host::RepositoryCheck check(const Options& options) {
  host::CheckOptions how;
  for (const std::filesystem::path& file : options.trust) {
    const auto key = host::EcPublicKey::from_pem(host::read_text_file(file), file.string());
    how.anchors.push_back({.algorithm = cose::kEsp256, .key = key.point()});
  }
  host::Bytes bytes;
  FactoryParameters device;
  if (!options.factory.empty()) {
    bytes = host::read_file(options.factory);
    const auto file = decode_factory(bytes);
    if (!file) {
      throw host::Failure("{}: no factory file ({}); `ferry provision` makes one", options.factory.string(),
                          name(file.error()));
    }
    device = file->parameters;
    how.factory = &device;
    how.anchors.insert(how.anchors.end(), device.anchors.begin(),
                       device.anchors.begin() + static_cast<std::ptrdiff_t>(device.anchor_count));
  }
  how.now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  return host::check_repository(options.folder, how);
}

std::string verdict(const host::ManifestCheck& manifest) {
  if (!manifest.problems.empty()) {
    return "BAD";
  }
  return manifest.other_device ? "skipped" : "good";
}

Json to_json(const host::ManifestCheck& manifest) {
  Json payloads = Json::array();
  for (const host::CheckedFile& payload : manifest.payloads) {
    payloads.push_back({{"uri", payload.uri}, {"size", payload.size}, {"sha256", host::to_hex(payload.digest)}});
  }
  Json members = Json::array();
  for (const host::CheckedFile& member : manifest.members) {
    members.push_back({{"file", member.uri}, {"size", member.size}});
  }
  return {{"manifest", manifest.file.string()},
          {"verdict", verdict(manifest)},
          {"sequence", manifest.sequence},
          {"version", manifest.version},
          {"authenticated", manifest.authenticated},
          {"images-checked", manifest.opened},
          {"members", members},
          {"payloads", payloads},
          {"problems", manifest.problems}};
}

void print(const host::ManifestCheck& manifest) {
  fmt::print("{:<8}{} (version {}, sequence {})\n", verdict(manifest), manifest.file.string(),
             manifest.version.empty() ? "?" : manifest.version, manifest.sequence);
  for (const auto* list : {&manifest.members, &manifest.payloads}) {
    for (const host::CheckedFile& file : *list) {
      fmt::print("        {} ({} bytes)\n", file.uri, file.size);
    }
  }
  for (const std::string& problem : manifest.problems) {
    fmt::print("        {}\n", problem);
  }
  if (manifest.problems.empty() && manifest.other_device) {
    fmt::print("        for another device or product than the factory file's\n");
  }
}

void print_notes(const host::RepositoryCheck& check, const Options& options) {
  for (const std::filesystem::path& file : check.unreferenced) {
    fmt::print("note    {}: no manifest names it\n", file.string());
  }
  if (options.factory.empty()) {
    fmt::print("note    {}images were not decrypted: give --factory FILE to check them as a device does\n",
               options.trust.empty() ? "signatures were not judged (give --trust PUB), and " : "");
  }
}

void run(const Options& options) {
  if (!crypto::start()) {
    throw host::Failure("the cryptography library does not start");
  }
  const host::RepositoryCheck result = check(options);
  Json document{{"manifests", Json::array()}, {"unreferenced", Json::array()}};
  std::size_t bad = 0;
  std::size_t good = 0;
  for (const host::ManifestCheck& manifest : result.manifests) {
    bad += manifest.problems.empty() ? 0 : 1;
    good += verdict(manifest) == "good" ? 1 : 0;
    document["manifests"].push_back(to_json(manifest));
    if (!options.json) {
      print(manifest);
    }
  }
  for (const std::filesystem::path& file : result.unreferenced) {
    document["unreferenced"].push_back(file.string());
  }
  if (options.json) {
    print_json(document);
  } else {
    print_notes(result, options);
  }
  if (bad != 0) {
    throw host::Failure("{} of {} manifests would be refused; release and publish them again", bad,
                        result.manifests.size());
  }
  if (good == 0) {
    throw host::Failure("{}: nothing in it is for the device of {}", options.folder.string(), options.factory.string());
  }
}

}  // namespace

void add_verify(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("verify", "Check a repository as devices would");
  command->add_option("DIR", options->folder, "The repository's folder")->required();
  command->add_option("--factory", options->factory, "Stand in for this device: identity, decryption, images");
  command->add_option("--trust", options->trust, "Public release key (PEM); the factory file's are added")
      ->allow_extra_args(false);
  add_json_flag(*command, options->json);
  command->footer("Example: ferry verify repository --factory 0001.factory");
  command->callback([options] { run(*options); });
}

}  // namespace ferry::tool
