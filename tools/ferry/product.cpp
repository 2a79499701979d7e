// ferry product: what all devices of one vendor, model and hardware revision have in common.
#include "host/product.h"

#include <fmt/format.h>

#include "host/failure.h"
#include "host/files.h"
#include "host/uuid.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/output.h"

namespace ferry::tool {
namespace {

struct Options {
  std::filesystem::path file;
  std::string vendor;
  std::string model;
  std::string hardware;
  std::vector<std::string> components;
  bool linked = false;
  FlashSettings flash;
  bool json = false;
};

host::Product make(const Options& options) {
  std::vector<host::ProductComponent> components;
  for (const std::string& text : options.components) {
    components.push_back(host::parse_component(text));
  }
  host::Product product = host::make_product(options.vendor, options.model, options.hardware, std::move(components));
  product.slots = options.linked ? host::SlotKind::kLinked : host::SlotKind::kEither;
  product.flash = options.flash;
  host::check_flash(product.flash);
  return product;
}

void run_new(const Options& options) {
  host::Product product = make(options);
  const std::filesystem::path key_file = host::class_key_file(options.file);
  if (key_file == options.file) {
    throw host::Failure("{}: the ending .key is for the class key; call the product file {}", options.file.string(),
                        std::filesystem::path(options.file).replace_extension(".toml").string());
  }
  const host::EcPrivateKey class_key = host::EcPrivateKey::generate();
  product.class_key = class_key.public_key().point();
  host::FileSet files;
  files.put(key_file, class_key.to_pem(), host::Mode::kSecret, host::Existing::kRefuse);
  files.put(options.file, host::to_toml(product), host::Mode::kPublic, host::Existing::kRefuse);
  files.commit();
  if (options.json) {
    print_json({{"product", options.file.string()},
                {"class_key", key_file.string()},
                {"path", product.path},
                {"vendor_id", host::to_string(product.vendor_id)},
                {"class_id", host::to_string(product.class_id)}});
    return;
  }
  fmt::print(
      "product:   {} ({})\nclass key: {} (keep it where devices are provisioned)\nvendor id: {}\nclass id:  {}\n",
      options.file.string(), product.path, key_file.string(), host::to_string(product.vendor_id),
      host::to_string(product.class_id));
}

void add_flash_options(CLI::App& command, FlashSettings& flash) {
  const auto size = [&](const char* name, std::uint32_t& value, const char* help) {
    command.add_option(name, value, help)->capture_default_str()->check(CLI::PositiveNumber);
  };
  size("--sector-size", flash.sector_size, "Bytes that one erase takes");
  size("--slot-size", flash.slot_size, "Bytes of one of the application's slots");
  size("--staging-size", flash.staging_size, "Bytes for payloads while they download");
  size("--second-size", flash.second_size, "Bytes of one slot of a further image");
}

}  // namespace

void add_product(CLI::App& app) {
  CLI::App* product = app.add_subcommand("product", "Make a product file: ids, class key pair, defaults");
  product->require_subcommand(1);
  product->footer("Example: ferry product new meter.toml --vendor acme.example --model m1 --hardware r2");
  auto options = std::make_shared<Options>();
  CLI::App* command = product->add_subcommand("new", "Make FILE, and the class key's private half beside it");
  command->add_option("FILE", options->file, "The product file, such as meter.toml; the key goes to meter.key")
      ->required();
  command->add_option("--vendor", options->vendor, "A domain name that is yours")->required();
  command->add_option("--model", options->model, "Model")->required();
  command->add_option("--hardware", options->hardware, "Hardware revision: devices that run the same image")
      ->required();
  command->add_option("--component", options->components,
                      "A further component: NAME, NAME:image, NAME:handler or NAME:handler=PROGRAM");
  command->add_flag("--linked", options->linked, "An image is linked for its slot: two images a release");
  add_flash_options(*command, options->flash);
  add_json_flag(*command, options->json);
  command->footer("Example: ferry product new meter.toml --vendor acme.example --model m1 --hardware r2");
  command->callback([options] { run_new(*options); });
}

}  // namespace ferry::tool
