// ferry keys: the key pair that signs releases.
#include <filesystem>
#include <fmt/format.h>

#include "host/crypto.h"
#include "host/ec_key.h"
#include "host/files.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/output.h"

namespace ferry::tool {
namespace {

struct Options {
  std::filesystem::path folder;
  bool json = false;
};

void run_new(const Options& options) {
  const host::EcPrivateKey key = host::EcPrivateKey::generate();
  const std::filesystem::path private_file = options.folder / "release.key";
  const std::filesystem::path public_file = options.folder / "release.pub";
  host::FileSet files;
  files.put(private_file, key.to_pem(), host::Mode::kSecret, host::Existing::kRefuse);
  files.put(public_file, key.public_key().to_pem(), host::Mode::kPublic, host::Existing::kRefuse);
  files.commit();
  const std::string fingerprint = host::to_hex(host::sha256(key.public_key().point()));
  if (options.json) {
    print_json({{"private", private_file.string()},
                {"public", public_file.string()},
                {"algorithm", "ESP256"},
                {"fingerprint", fingerprint}});
    return;
  }
  fmt::print(
      "private key: {} (keep it on the release host, and a copy in a safe)\npublic key:  {}\n"
      "fingerprint: {}\n",
      private_file.string(), public_file.string(), fingerprint);
}

}  // namespace

void add_keys(CLI::App& app) {
  CLI::App* keys = app.add_subcommand("keys", "Make the key pair that signs releases");
  keys->require_subcommand(1);
  keys->footer("Example: ferry keys new release-keys");
  auto options = std::make_shared<Options>();
  CLI::App* command = keys->add_subcommand("new", "Make an ECDSA P-256 key pair: DIR/release.key, DIR/release.pub");
  command->add_option("DIR", options->folder, "Folder for the two files; made where it is missing")->required();
  add_json_flag(*command, options->json);
  command->footer("Existing key files are never overwritten.\nExample: ferry keys new release-keys");
  command->callback([options] { run_new(*options); });
}

}  // namespace ferry::tool
